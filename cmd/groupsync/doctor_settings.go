package main

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// setting is the value of a flag, an argument or a variable, and where it comes from.
type setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"` // "flag", "argument", "default", or the variable as in "$ECWID_STORE_ID"
}

// settings returns every setting that has a value. No value shows the token.
func (d *doctor) settings() []setting {
	var all []setting
	if d.c.File != "" {
		all = append(all, setting{"FILE", d.c.File, "argument"})
	}
	for _, flag := range d.line.Selected().Flags {
		value := flagValue(d.line, flag)
		if value == "" || value == "false" || flag.Name == "help" || flag.Name == "json" {
			continue
		}
		all = append(all, setting{"--" + flag.Name, d.safe(value), d.origin(flag)})
	}
	if d.program.getenv("ECWID_TOKEN") != "" && d.c.TokenFile == "" && !d.c.Sandbox {
		all = append(all, setting{"token", "[token]", "$ECWID_TOKEN"})
	}
	return all
}

// flagValue returns the value of a flag as a person would write it, "" if it has none.
func flagValue(line *kong.Context, flag *kong.Flag) string {
	switch value := line.FlagValue(flag).(type) {
	case fileContent:
		return value.path
	case []string:
		return strings.Join(value, ",")
	case map[string]string:
		var pairs []string
		for _, field := range slices.Sorted(maps.Keys(value)) {
			pairs = append(pairs, field+"="+value[field])
		}
		return strings.Join(pairs, ",")
	default:
		text := fmt.Sprint(value)
		if (text == "0" || text == "0s") && !flag.HasDefault {
			return ""
		}
		return text
	}
}

func (d *doctor) origin(flag *kong.Flag) string {
	if isGiven(d.line, flag.Name) {
		return "flag"
	}
	for _, name := range flag.Envs {
		if d.program.getenv(name) != "" {
			return "$" + name
		}
	}
	return "default"
}

// safe returns a value without a password, and without a token that was put into the wrong place.
func (d *doctor) safe(value string) string {
	if strings.Contains(value, "secret_") {
		return "[token]"
	}
	return withoutPassword(value)
}

// checkSettings checks the values of the flags, and their combinations.
func (d *doctor) checkSettings() {
	err := d.c.checkFlags(d.line)
	if err != nil {
		d.fail("settings", err, "see groupsync sync --help")
		return
	}
	d.ok("settings", "the values and their combination are valid")
}

// checkToken checks the store id and the token. It reports whether a request can be sent.
func (d *doctor) checkToken() bool {
	if d.c.Sandbox {
		d.ok("token", "the sandbox has its own token")
		return true
	}
	_, tokenErr := d.c.token(d.program, d.line)
	if tokenErr != nil {
		d.fail("token", tokenErr, "")
	} else {
		d.checkTokenFile()
	}
	_, closeClient, err := d.c.client(d.program, d.line, 1, nil)
	if err == nil {
		closeClient()
		return true
	}
	for _, single := range unjoined(err) {
		if tokenErr == nil || single.Error() != tokenErr.Error() { // tokenErr has been reported
			d.fail("store", single, "")
		}
	}
	return false
}

// checkTokenFile checks whether other users can read the token. In a pod there are no other users: only its containers
// see a Secret.
func (d *doctor) checkTokenFile() {
	path := d.c.TokenFile
	if path == "" {
		d.ok("token", "from $ECWID_TOKEN")
		return
	}
	info, err := os.Stat(path)
	if err != nil {
		d.fail("token", err, "")
		return
	}
	mode := info.Mode().Perm()
	if mode&0o004 != 0 && runtime.GOOS != "windows" && d.program.getenv("KUBERNETES_SERVICE_HOST") == "" {
		d.warn("token", fmt.Sprintf("%s has the permissions %04o: every user of this machine can read it", path, mode), "chmod 600 "+fileArgument(path))
		return
	}
	d.ok("token", "from %s, permissions %04o", path, mode)
}
