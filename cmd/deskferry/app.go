package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"
)

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// The exit codes, as every command's help says.
const (
	exitDone        = 0   // all done
	exitFailed      = 1   // could not run
	exitUsage       = 2   // the command line is wrong
	exitIncomplete  = 3   // finished, but records were rejected or are in doubt
	exitInterrupted = 130 // interrupted, can be resumed
)

const exitHelp = `EXIT CODES:
   0  all done
   1  could not run
   2  the command line is wrong
   3  finished, but records were rejected, held or are in doubt
   130  interrupted; the same command goes on where it stopped`

// Errors that decide the exit code. They may be wrapped; an error that is none of them is a failure to run.
var (
	errIncomplete  = errors.New("finished, but not everything could be done")
	errInterrupted = errors.New("interrupted; run the same command again to go on")
)

// usageError is a command line that cannot be meant.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// exitOf is the exit code of a command that ended with err.
func exitOf(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errIncomplete):
		return exitIncomplete
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailed
}

// explain prints what err means for the user and returns its exit code.
func (s streams) explain(err error) int {
	code := exitOf(err)
	var usage usageError
	switch {
	case code == exitDone, code == exitIncomplete: // the summary has said what is left
		return code
	case errors.Is(err, outOfTime{}):
		err = outOfTime{}
	case code == exitInterrupted:
		err = errInterrupted
	case errors.As(err, &usage):
		err = usage
	}
	fmt.Fprint(s.err, folded(s.err, fmt.Sprintf("deskferry: %v\n", err)))
	return code
}

// newApp builds the command line. Inputs are flags, never positional arguments: cli ignores flags that follow one, so
// "import x.csv --dry-run" would run for real.
func newApp(std streams) *cli.App {
	app := &cli.App{
		Name:                      "deskferry",
		Usage:                     "move helpdesk conversations into Gorgias without re-sending a single one",
		UsageText:                 "deskferry COMMAND [flags]\n\nTry it: deskferry demo",
		Version:                   versionText(),
		HideVersion:               true,
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true,
		Reader:                    std.in,
		Writer:                    std.out,
		ErrWriter:                 std.err,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              usageFault,
		Action:                    unknownCommand,
		CustomAppHelpTemplate:     cli.AppHelpTemplate + "\n" + exitHelp + "\n",
		Commands: []*cli.Command{
			demoCommand(std), inspectCommand(std), checkCommand(std), peopleCommand(std), doctorCommand(std), rescueCommand(std), importCommand(std), syncCommand(std), retryCommand(std), verifyCommand(std), statusCommand(std), settleCommand(std), runsCommand(std), undoCommand(std), ledgerCommand(std),
			convertCommand(std), mappingCommand(std), explainCodeCommand(std), schemaCommand(std), sandboxCommand(std), versionCommand(std),
		},
	}
	for _, c := range app.Commands {
		finish(c, "deskferry "+c.Name)
	}
	return app
}

// finish gives a command what all of them share: help for 80 columns, usage errors as errors, no positional arguments.
func finish(c *cli.Command, path string) {
	c.HideHelpCommand = true
	if takesJob(c) {
		c.Flags = append(c.Flags, jobFlag())
	}
	c.OnUsageError = usageFault
	c.CustomHelpTemplate = commandHelp(c, path)
	if len(c.Subcommands) == 0 {
		if c.ArgsUsage == "" && c.Before == nil { // explain looks at its own
			c.Before = prepare
		}
		return
	}
	c.Action = unknownCommand
	for _, sub := range c.Subcommands {
		finish(sub, path+" "+sub.Name)
	}
}

func usageFault(c *cli.Context, err error, _ bool) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		text = fmt.Sprintf("there is no flag --%s", strings.TrimPrefix(name, "-"))
		if near := nearestFlag(c, strings.TrimPrefix(name, "-")); near != "" {
			text += fmt.Sprintf("; did you mean --%s?", near)
		}
	}
	return usagef("%s\nhint: %s --help lists the flags", text, c.Command.HelpName)
}

func unknownCommand(c *cli.Context) error {
	if !c.Args().Present() {
		return cli.ShowSubcommandHelp(c)
	}
	name := c.Args().First()
	hint := "deskferry --help lists the commands"
	if near := nearestCommand(c, name); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usagef("there is no command %q\nhint: %s", name, hint)
}

// prepare looks at a command line before it is carried out: no arguments, what its job file says, and where it writes.
func prepare(c *cli.Context) error {
	if err := refuseArguments(c); err != nil {
		return err
	}
	if err := applyJob(c); err != nil {
		return err
	}
	return checkOutputs(c)
}

// refuseArguments turns a leftover argument into a usage error that shows the corrected line.
func refuseArguments(c *cli.Context) error {
	if !c.Args().Present() {
		return nil
	}
	var fixed []string
	first := "" // the flag that a leftover argument is meant for
	for _, f := range c.Command.Flags {
		if name := f.Names()[0]; first == "" && (name == "from" || name == "run") {
			first = name
		}
	}
	for _, a := range c.Args().Slice() {
		if first != "" && !strings.HasPrefix(a, "-") && len(fixed) == 0 {
			fixed = append(fixed, "--"+first, a)
			continue
		}
		fixed = append(fixed, a)
	}
	if first == "" {
		return usagef("%s takes no arguments, but got %q", c.Command.HelpName, c.Args().First())
	}
	return usagef("inputs are flags, and flags after %q would be ignored\nhint: %s … %s", c.Args().First(), c.Command.HelpName, strings.Join(fixed, " "))
}
