package main

import (
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// currentShell returns the shell that the program was started from, by the name of its parent process. It returns
// PowerShell if that is not known: Windows opens it in a terminal by default.
func currentShell() shell {
	switch name := parentName(); {
	case name == "cmd.exe":
		return commandPrompt
	case name == "pwsh.exe":
		return powerShell
	case strings.HasSuffix(name, "sh.exe"): // bash, zsh and sh of Git and MSYS2
		return posixShell
	default:
		return windowsPowerShell
	}
}

// parentName returns the file name of the parent process in lower case, or "".
func parentName() string {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return ""
	}
	defer windows.CloseHandle(snapshot)
	parent := uint32(os.Getppid())
	entry := windows.ProcessEntry32{}
	entry.Size = uint32(unsafe.Sizeof(entry))
	for err := windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		if entry.ProcessID == parent {
			return strings.ToLower(windows.UTF16ToString(entry.ExeFile[:]))
		}
	}
	return ""
}
