@echo off
rem Runs vlstm, building it first where it is missing or older than its source (the build finds out by itself).
setlocal
set "ROOT=%~dp0.."
set "DLL=%ROOT%\src\VideoLstm.Cli\bin\Release\net10.0\vlstm.dll"
set "LOG=%TEMP%\vlstm-build-%RANDOM%.log"
dotnet build "%ROOT%\src\VideoLstm.Cli\VideoLstm.Cli.csproj" -c Release --nologo -v quiet > "%LOG%" 2>&1
if errorlevel 1 (
  type "%LOG%" 1>&2
  del "%LOG%"
  exit /b 2
)
del "%LOG%"
dotnet "%DLL%" %*
exit /b %ERRORLEVEL%
