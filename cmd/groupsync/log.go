package main

import (
	"io"
	"os"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/term"
)

// logFlags say how the program speaks.
type logFlags struct {
	LogFormat string `group:"Output" env:"GROUPSYNC_LOG_FORMAT" enum:"auto,console,json" default:"auto" help:"console, json, or auto: console on a terminal, json elsewhere."`
	LogLevel  string `group:"Output" env:"GROUPSYNC_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error (${default})."`
}

// console reports whether lines are for a person.
func (f *logFlags) console(stderr io.Writer) bool {
	return f.LogFormat == "console" || f.LogFormat == "auto" && isTerminal(stderr)
}

func (f *logFlags) logger(stderr io.Writer) zerolog.Logger {
	level, err := zerolog.ParseLevel(f.LogLevel)
	if err != nil {
		level = zerolog.InfoLevel // unreachable: the flag is an enum
	}
	out := stderr
	if f.console(stderr) {
		out = zerolog.ConsoleWriter{
			Out:          stderr,
			NoColor:      !isTerminal(stderr) || os.Getenv("NO_COLOR") != "",
			TimeFormat:   time.RFC3339,
			TimeLocation: time.UTC,
		}
	}
	return zerolog.New(out).Level(level).Hook(zerolog.HookFunc(func(e *zerolog.Event, _ zerolog.Level, _ string) {
		e.Time(zerolog.TimestampFieldName, time.Now().UTC())
	}))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
