package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"groupsync/ecwid"
	"groupsync/ecwid/ecwidtest"

	"github.com/alecthomas/kong"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// storeFlags select the store, and the token that gives access to it.
type storeFlags struct {
	Store     string      `group:"Store" env:"ECWID_STORE_ID" placeholder:"ID" help:"Store id: the number at the bottom of every page of the control panel."`
	StoreFile fileContent `group:"Store" placeholder:"FILE" help:"File that contains the store id, for example one that is mounted into a pod."`
	TokenFile string      `group:"Store" env:"ECWID_TOKEN_FILE" placeholder:"FILE" help:"File that contains the access token. Alternatively, set $$ECWID_TOKEN to the token itself. There is no flag for the token, because other users can see arguments."`
	API       string      `group:"Store" name:"api" env:"ECWID_API_URL" placeholder:"URL" default:"${api}" help:"Address of the API (${default})."`
	Sandbox   bool        `group:"Store" help:"Use an emulated store inside the program: no account, no network, a new store each time."`

	sandbox *ecwidtest.Server // nil: a real store
}

// fileContent is the content of a file that a flag names.
type fileContent struct{ path, content string }

// Decode is called by kong.
func (f *fileContent) Decode(ctx *kong.DecodeContext) (err error) {
	if err := ctx.Scan.PopValueInto("file", &f.path); err != nil {
		return err
	}
	f.content, err = readTextFile(f.path)
	return err
}

// readTextFile returns the content of a small text file in UTF-8, or in UTF-16 with a byte order mark, as PowerShell
// and Notepad write it. The byte order mark is not part of it.
func readTextFile(path string) (string, error) {
	data, err := os.ReadFile(path)
	if info, statErr := os.Stat(path); err != nil && statErr == nil && info.IsDir() {
		return "", fmt.Errorf("%s is a folder", path)
	}
	if err != nil {
		return "", err
	}
	text, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	return string(text), err
}

// sandboxStoreID is the store id in the results of a run with --sandbox.
const sandboxStoreID = "sandbox"

// storeID returns the id of the store, to which the results are bound.
func (f *storeFlags) storeID() string {
	if f.Sandbox {
		return sandboxStoreID
	}
	id := cmp.Or(strings.TrimSpace(f.StoreFile.content), f.Store)
	if strings.HasPrefix(id, "secret_") { // given by mistake: the id is refused later
		return "[token]"
	}
	return id
}

// client returns a client for the store, and a function that closes it.
func (f *storeFlags) client(p *program, line *kong.Context, connections int, instrument func(http.RoundTripper) http.RoundTripper) (*ecwid.Client, func(), error) {
	config := ecwid.Config{
		Store:       f.storeID(),
		BaseURL:     f.API,
		UserAgent:   "groupsync/" + programVersion(),
		RequestID:   p.runID[:requestIDLength],
		Connections: connections,
		Proxy:       http.ProxyFromEnvironment,
		Instrument:  instrument,
	}
	if f.Sandbox {
		server := ecwidtest.NewMemoryServer(sandboxStore())
		f.sandbox = server
		token, err := ecwid.NewToken(server.Token())
		config.Store, config.Token, config.BaseURL, config.Transport = server.Store(), token, server.URL, server.Client().Transport
		client, newErr := ecwid.New(config)
		return client, server.Close, errors.Join(err, newErr)
	}
	var storeErr, tokenErr error
	switch {
	case isGiven(line, "store") && isGiven(line, "store-file"):
		storeErr = errors.New("--store and --store-file cannot be used together")
	case f.storeID() == "":
		storeErr = errors.New("no store id: set --store or $ECWID_STORE_ID, or try --sandbox")
		config.Store = "1" // valid: report the missing id only once
	}
	config.Token, tokenErr = f.token(p, line)
	if tokenErr != nil {
		config.Token, _ = ecwid.NewToken("none")
	}
	client, err := ecwid.New(config)
	if err := errors.Join(storeErr, tokenErr, err); err != nil {
		return nil, nil, err
	}
	return client, client.Close, nil
}

func (f *storeFlags) token(p *program, line *kong.Context) (ecwid.Token, error) {
	secret := p.getenv("ECWID_TOKEN")
	if secret != "" && f.TokenFile != "" && !isGiven(line, "token-file") {
		return ecwid.Token{}, errors.New("both $ECWID_TOKEN and $ECWID_TOKEN_FILE are set: use only one of them")
	}
	from := "$ECWID_TOKEN"
	if f.TokenFile != "" {
		content, err := readTextFile(f.TokenFile)
		if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(f.TokenFile, "secret_") {
			return ecwid.Token{}, errors.New("--token-file and $ECWID_TOKEN_FILE name a file that contains the token: they do not take the token itself")
		}
		if err != nil {
			return ecwid.Token{}, &tokenFileError{err}
		}
		secret, from = strings.TrimRight(content, "\r\n"), f.TokenFile
	} else if secret == "" {
		return ecwid.Token{}, errors.New("no token: set --token-file to a file that contains it, or $ECWID_TOKEN to the token itself")
	}
	token, err := ecwid.NewToken(secret)
	if err != nil {
		return ecwid.Token{}, fmt.Errorf("%s: %w", from, err)
	}
	return token, nil
}

// tokenFileError reports a token file that cannot be read.
type tokenFileError struct{ error }

func (e *tokenFileError) Error() string { return fmt.Sprintf("the token cannot be read: %v", e.error) }
func (e *tokenFileError) Unwrap() error { return e.error }

// isGiven reports whether a flag is on the command line, not only in the environment.
func isGiven(line *kong.Context, flag string) bool {
	for _, element := range line.Path {
		if !element.Resolved && element.Flag != nil && element.Flag.Name == flag {
			return true
		}
	}
	return false
}
