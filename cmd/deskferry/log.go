package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"
)

func logFlags() []cli.Flag {
	return []cli.Flag{
		stringFlag("log", "write what happens to `FILE`, after what is there already; - is standard error"),
		with(stringFlag("log-format", "`FORMAT` of the log: json or text"), "json"),
	}
}

// openLog makes the logger that the flags ask for; without --log it writes nowhere. The returned function closes its file.
func openLog(c *cli.Context, std streams) (*slog.Logger, func() error, error) {
	nothing := func() error { return nil }
	out, closeFile := io.Discard, nothing
	switch path := c.String("log"); path {
	case "":
	case "-":
		out = std.err
	default:
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, nothing, fmt.Errorf("opening the log: %w; --log names it", err)
		}
		out, closeFile = f, f.Close
	}
	switch c.String("log-format") {
	case "json":
		return slog.New(slog.NewJSONHandler(out, nil)), closeFile, nil
	case "text":
		return slog.New(slog.NewTextHandler(out, nil)), closeFile, nil
	}
	return nil, nothing, usagef("--log-format %q: it is json or text", c.String("log-format"))
}

const keptNotes = 200 // lines

// notes takes what a command tells while it works, line by line: each becomes a line of the log, and the last ones are kept for
// the day that something is wrong. It may be used by several goroutines.
type notes struct {
	log *slog.Logger

	mu   sync.Mutex
	rest []byte // of a line without an end
	kept []string
	cut  bool // lines were dropped
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rest = append(n.rest, b...)
	for {
		i := bytes.IndexByte(n.rest, '\n')
		if i < 0 {
			return len(b), nil
		}
		line := string(n.rest[:i])
		n.rest = n.rest[i+1:]
		if line = strings.TrimPrefix(line, "deskferry: "); strings.TrimSpace(line) == "" {
			continue
		}
		n.log.LogAttrs(context.Background(), slog.LevelInfo, line)
		if n.kept = append(n.kept, line); len(n.kept) > keptNotes {
			n.kept, n.cut = n.kept[1:], true
		}
	}
}

// tell writes the kept lines.
func (n *notes) tell(out io.Writer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cut {
		fmt.Fprintf(out, "deskferry: … (the last %d lines of what was told)\n", keptNotes)
	}
	for _, line := range n.kept {
		fmt.Fprint(out, folded(out, "deskferry: "+line+"\n"))
	}
}
