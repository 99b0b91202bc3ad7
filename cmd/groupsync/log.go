package main

import (
	"io"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// logFlags select the format and the level of logs.
type logFlags struct {
	LogFormat string `group:"Output" env:"GROUPSYNC_LOG_FORMAT" enum:"auto,console,json" default:"auto" help:"console, json, or auto: console on a terminal, json otherwise."`
	LogLevel  string `group:"Output" env:"GROUPSYNC_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error (${default})."`
}

// console reports whether log lines are for a person.
func (f *logFlags) console(stderr io.Writer) bool {
	return f.LogFormat == "console" || f.LogFormat == "auto" && isTerminal(stderr)
}

// asksForJSON reports whether the arguments, or else the environment, select JSON logs explicitly. Otherwise the error
// of a command that cannot start is plain text, even without a terminal. It searches the arguments itself, because
// parsing the command line may fail.
func asksForJSON(args []string, getenv func(string) string) bool {
	format := getenv("GROUPSYNC_LOG_FORMAT")
	for i, arg := range args {
		value, ok := strings.CutPrefix(arg, "--log-format=")
		switch {
		case arg == "--":
			return format == "json"
		case ok:
			format = value
		case arg == "--log-format" && i+1 < len(args):
			format = args[i+1]
		}
	}
	return format == "json"
}

// logger returns a logger that writes to out: for a person if console is set, in color if color is set, and otherwise
// JSON with the id of the run.
func (f *logFlags) logger(p *program, out io.Writer, console, color bool) zerolog.Logger {
	level, err := zerolog.ParseLevel(f.LogLevel)
	if err != nil {
		level = zerolog.InfoLevel // unreachable: the flag is an enum
	}
	if console {
		out = zerolog.ConsoleWriter{
			Out:          out,
			NoColor:      !color,
			TimeFormat:   time.RFC3339,
			TimeLocation: time.UTC,
			// ConsoleWriter itself quotes the other fields.
			FormatPrepare: func(fields map[string]any) error {
				if message, ok := fields[zerolog.MessageFieldName].(string); ok {
					fields[zerolog.MessageFieldName] = printable(message)
				}
				return nil
			},
		}
	}
	log := zerolog.New(out).Level(level)
	if !console {
		log = log.With().Str("runId", p.runID).Logger()
	}
	return log.Hook(zerolog.HookFunc(func(e *zerolog.Event, _ zerolog.Level, _ string) {
		e.Time(zerolog.TimestampFieldName, time.Now().UTC())
	}))
}
