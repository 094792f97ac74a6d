// Command deskferry ferries conversations from one helpdesk into another without ever re-sending them.
//
// This package is flags, wiring, terminal, signals and exit codes, one file a command; it is the only one that knows all the
// others, and the only one that prints, reads the environment or exits.
package main

import (
	"context"
	"io"
	"os"
	_ "time/tzdata" // mappings name time zones, and not every machine has the database
)

func main() {
	os.Exit(run(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// run carries out one command line and returns its exit code: see [exitCode].
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	std := streams{in: stdin, out: stdout, err: stderr}
	err := newApp(std).RunContext(ctx, args)
	return std.explain(err)
}
