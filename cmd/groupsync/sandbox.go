package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"groupsync/ecwid/ecwidtest"
	"groupsync/sync/groupfile"
	"groupsync/sync/quota"

	"github.com/alecthomas/kong"
)

type sandboxCmd struct {
	Listen   string        `default:"127.0.0.1:0" placeholder:"ADDR" help:"Loopback address and port to listen on (${default}: any free port)."`
	AnyGroup bool          `help:"Accept every group id."`
	Latency  time.Duration `placeholder:"TIME" help:"Delay each response, for example by 50ms."`
	Quota    string        `placeholder:"RATE" help:"Respond with 429 to requests above this rate, such as 600/m. Default: no limit."`
	Seed     string        `placeholder:"FILE" help:"CSV file with the groups of the store. Default: a small built-in store."`
}

func (c *sandboxCmd) Run(p *program, line *kong.Context) error {
	options := sandboxStore()
	options.AnyGroup, options.Discard = c.AnyGroup, true
	var errs []error
	if c.Latency > 0 {
		options.Latency = func() time.Duration { return c.Latency }
	}
	if c.Quota != "" {
		rate, err := quota.ParseRate(c.Quota)
		errs = append(errs, err)
		options.Quota, options.Window = rate.Requests, rate.Window
	}
	if isGiven(line, "seed") {
		groups, err := readSeed(p.ctx, c.Seed)
		errs = append(errs, err)
		options.Groups, options.ZeroUpdate = groups, ecwidtest.ZeroNever
	}
	errs = append(errs, c.checkListen())
	if err := errors.Join(errs...); err != nil {
		return notStarted(p.ctx, err, "sandbox")
	}
	return c.serve(p, ecwidtest.New(options))
}

// checkListen refuses an address that other machines can reach: the emulator is not protected.
func (c *sandboxCmd) checkListen() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %s is not an address with a port, such as 127.0.0.1:8080", c.Listen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--listen %s is not a loopback address, such as 127.0.0.1:8080", c.Listen)
	}
	return nil
}

func (c *sandboxCmd) serve(p *program, store *ecwidtest.Server) error {
	ctx, _ := p.untilSignal(0)
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", c.Listen, err)
	}
	store.Start(listener)
	defer store.Close()
	for _, variable := range [][2]string{
		{"ECWID_API_URL", store.URL},
		{"ECWID_STORE_ID", store.Store()},
		{"ECWID_TOKEN", store.Token()},
		{"ECWID_TOKEN_FILE", ""}, // a shell may have one for a real store, and two tokens would be refused
	} {
		if _, err := fmt.Fprintln(p.stdout, p.shell.setVariable(variable[0], variable[1])); err != nil {
			return fmt.Errorf("the address of the sandbox cannot be printed: %w", err)
		}
	}
	<-ctx.Done()
	return nil
}

// readSeed reads the groups of a store from a file in the format of sync's input.
func readSeed(ctx context.Context, path string) ([]ecwidtest.Group, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the --seed file cannot be read: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("the --seed file cannot be read: %s is a folder", path)
	}
	reader, err := groupfile.NewReader(ctx, f, groupfile.ReaderOptions{Name: path, File: f})
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	var groups []ecwidtest.Group
	for row, err := range reader.All() {
		if err != nil {
			return nil, err // names the file and the line
		}
		if row.Err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, row.Line, row.Err)
		}
		groups = append(groups, ecwidtest.Group{
			ID:                  row.ID,
			Name:                row.Update.Name.Value(),
			ExternalReferenceID: row.Update.ExternalReferenceID.Value(),
		})
	}
	return groups, nil
}
