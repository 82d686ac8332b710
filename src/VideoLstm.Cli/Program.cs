using VideoLstm.Cli;

return await CommandLine.RunAsync(args);
