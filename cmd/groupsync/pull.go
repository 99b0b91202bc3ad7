package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"groupsync/ecwid"
	"groupsync/sync"
	"groupsync/sync/atomicfile"
	"groupsync/sync/groupfile"

	"github.com/alecthomas/kong"
)

type pullCmd struct {
	File string `arg:"" optional:"" default:"-" help:"File for the groups: an Excel workbook if its name ends in .xlsx, otherwise CSV. \"-\", the default, is standard output."`

	storeFlags

	Overwrite    bool `group:"Output" help:"Replace an existing file."`
	BOM          bool `group:"Output" name:"bom" help:"Begin a CSV file with a byte order mark, which tells Excel that it is UTF-8."`
	DefaultGroup bool `group:"Output" help:"Include the default group, id 0. It cannot be changed, so sync reports its row as invalid."`

	paceFlags
	logFlags
}

func (c *pullCmd) Run(p *program, line *kong.Context) error {
	ctx, _ := p.untilSignal(0)
	err := c.pull(ctx, p, line)
	if exitCodeOf(err) == exitNotStarted { // the help does not explain errors of the store or the disk
		return &startError{err: err, advice: advice(exitNotStarted, nil) + ": groupsync pull --help"}
	}
	return err
}

func (c *pullCmd) pull(ctx context.Context, p *program, line *kong.Context) error {
	rate, err := c.pace()
	client, closeClient, clientErr := c.client(p, line, 1, nil)
	clashing := errors.Join(checkDistinct(append(c.targets(), target{name: "FILE", path: c.File, written: c.File != "-"}))...)
	if err := errors.Join(err, clientErr, c.checkBOM(), cmp.Or(clashing, c.checkFile())); err != nil {
		if closeClient != nil {
			closeClient()
		}
		return err
	}
	defer closeClient()
	job := &sync.Job{
		Client: client, Rate: rate, Concurrency: 1, Timeout: c.Timeout, MaxAttempts: c.MaxAttempts, MaxOutage: c.maxOutage(),
		Hooks: waitHooks(c.logger(p, p.stderr, c.console(p.stderr), p.usesColor(p.stderr))),
	}
	origin := groupfile.Origin{StoreID: c.storeID(), Pulled: time.Now()}
	groups, _, err := job.Groups(ctx)
	if err != nil {
		return err
	}
	if !c.DefaultGroup && len(groups) > 0 && groups[0].ID == 0 {
		groups = groups[1:]
	}
	return c.write(p.stdout, groups, origin)
}

// checkFile returns an error if the groups cannot be written to the file, before a request is sent.
func (c *pullCmd) checkFile() error {
	if c.File == "-" {
		return nil
	}
	if err := checkTarget("FILE", c.File); err != nil {
		if info, statErr := os.Stat(c.File); statErr == nil && !info.IsDir() && !info.Mode().IsRegular() {
			err = fmt.Errorf("%w: redirect standard output instead", err)
		}
		return err
	}
	if _, err := os.Stat(c.File); err == nil && !c.Overwrite {
		return fmt.Errorf("%s already exists: --overwrite replaces it", c.File)
	}
	return nil
}

func (c *pullCmd) checkBOM() error {
	if c.BOM && groupfile.IsWorkbook(c.File) {
		return fmt.Errorf("--bom is for CSV files: %s would be a workbook, which has no byte order mark", c.File)
	}
	return nil
}

func (c *pullCmd) write(stdout io.Writer, groups []ecwid.CustomerGroup, origin groupfile.Origin) error {
	write := func(out io.Writer) error {
		if groupfile.IsWorkbook(c.File) {
			return groupfile.WriteWorkbook(out, groups, &origin)
		}
		if c.BOM {
			if _, err := io.WriteString(out, "\ufeff"); err != nil {
				return err
			}
		}
		return groupfile.WriteGroups(out, groups)
	}
	var err error
	if c.File == "-" {
		err = write(stdout)
	} else {
		err = atomicfile.ReplaceFile(c.File, write)
	}
	if _, tooLarge := errors.AsType[*groupfile.WorkbookError](err); tooLarge {
		return fmt.Errorf("the groups cannot be written to %s: %w", c.File, err)
	}
	if err != nil {
		return &sync.InterruptedError{Err: fmt.Errorf("the groups cannot be written: %w", err)}
	}
	return nil
}
