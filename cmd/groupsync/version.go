package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

// version is set by the linker for a build without build information, such as the container image.
var version string

type versionCmd struct{}

// versionFlag prints the version and exits.
type versionFlag bool

// BeforeReset is called by kong when the flag is found.
func (versionFlag) BeforeReset(app *kong.Kong, p *program) error {
	if err := (versionCmd{}).Run(p); err != nil {
		return err
	}
	app.Exit(exitGood)
	return nil
}

func (versionCmd) Run(p *program) error {
	_, err := fmt.Fprintf(p.stdout, "groupsync %s %s %s/%s\n", programVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(version, "unknown")
	}
	return cmp.Or(version, info.Main.Version, "unknown")
}
