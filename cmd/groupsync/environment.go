package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
)

// environment gives flags that are not on the command line the values of their variables. An empty variable counts as
// unset: manifests and wrapper scripts set one to "" when they have no value for it.
type environment func(name string) string

// Validate is called by kong.
func (environment) Validate(*kong.Application) error { return nil }

// Resolve returns the value for the flag, or nil if none of its variables is set. It is called by kong.
func (getenv environment) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		value := getenv(name)
		if value == "" {
			continue
		}
		// kong parses the value again, but its error would not name the variable.
		scratch := reflect.New(flag.Target.Type()).Elem()
		scan := kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: value})
		if err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, scratch); err != nil {
			return nil, fmt.Errorf("%w (from $%s)", err, name)
		}
		return value, nil
	}
	return nil, nil
}

// detachEnvironment keeps kong from reading the variables of the process itself: [environment] reads those that
// were given to [run].
func detachEnvironment(app *kong.Application) error {
	return kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			flag.Tag.Envs = nil
		}
		return next(nil)
	})
}

// helpWithVariables returns the help of a flag or argument, with the variables of a flag after its first sentence.
func helpWithVariables(value *kong.Value) string {
	if value.Flag == nil || len(value.Flag.Envs) == 0 {
		return value.Help
	}
	what, more, _ := strings.Cut(value.Help, ". ")
	what = fmt.Sprintf("%s ($%s).", strings.TrimSuffix(what, "."), strings.Join(value.Flag.Envs, ", $"))
	return strings.TrimSpace(what + " " + more)
}
