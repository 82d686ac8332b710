using VideoLstm.Cli;

Terminal.Guard();
return await LastGuard.RunAsync(() => CommandLine.RunAsync(args));
