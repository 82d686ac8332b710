using VideoLstm.Cli;
using VideoLstm.Core.Compute;

Terminal.Guard();
return await LastGuard.RunAsync(() => CommandLine.RunAsync(args, new CpuBackend()));
