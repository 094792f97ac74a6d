package main

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// env names the environment twin of a flag.
func env(flag string) []string {
	return []string{"DESKFERRY_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))}
}

func stringFlag(name, usage string) *cli.StringFlag {
	return &cli.StringFlag{Name: name, Usage: usage, EnvVars: env(name)}
}

func stringsFlag(name, usage string) *cli.StringSliceFlag {
	return &cli.StringSliceFlag{Name: name, Usage: usage, EnvVars: env(name)}
}

func boolFlag(name, usage string) *cli.BoolFlag {
	return &cli.BoolFlag{Name: name, Usage: usage, EnvVars: env(name)}
}

func intFlag(name string, value int, usage string) *cli.IntFlag {
	return &cli.IntFlag{Name: name, Value: value, Usage: usage, EnvVars: env(name)}
}

func durationFlag(name string, value time.Duration, usage string) *cli.DurationFlag {
	return &cli.DurationFlag{Name: name, Value: value, Usage: usage, EnvVars: env(name)}
}

// with gives a string flag a default.
func with(f *cli.StringFlag, value string) *cli.StringFlag {
	f.Value = value
	return f
}

// inputFlags say what is read and how it is mapped.
func inputFlags() []cli.Flag {
	return []cli.Flag{
		stringsFlag("from", "export `PATH`: a file, glob or folder (a Maildir too), or - for standard input; .gz, .zst and .zip are read as they are; or the address of "+
			"an Omnidesk API v2 (repeatable)"),
		stringFlag("mapping", "mapping `FILE`, or the name of a preset"),
		stringsFlag("set", "`NAME=VALUE` that the mapping reads as $set.NAME (repeatable)"),
		stringFlag("timezone", "`ZONE` of times that name none, as Europe/Amsterdam; wins over the mapping's"),
		stringFlag("format", "`FORMAT` of the input, csv, json, xml or mail, where it cannot be told"),
		stringFlag("encoding", "character `ENCODING` of the input, as utf-8 or windows-1252"),
		stringFlag("delimiter", "`DELIMITER` of CSV input: , ; | or tab"),
		stringsFlag("place", "`PATH` in a JSON or XML document that holds the records (repeatable)"),
		stringFlag("snapshot", "`FOLDER` for what is read from an API (absent: HOST.snapshot in this one)"),
	}
}

// choiceFlags say which tickets are taken.
func choiceFlags() []cli.Flag {
	return []cli.Flag{
		intFlag("limit", 0, "take only the first `N` tickets"),
		stringFlag("since", "only tickets that began on or after `TIME` (2024-03-31 or RFC 3339)"),
		stringFlag("until", "only tickets that began before `TIME`"),
		stringFlag("only-ticket", "only the ticket with this `ID` in the source"),
		with(stringFlag("incomplete", "`WHAT` to do with a ticket that has a rejected message: hold it whole, or send the rest"), "hold"),
		boolFlag("per-message", "create each ticket with its first message and post every further one by itself"),
		intFlag("max-messages", 500, "create a ticket with at most `N` messages, 1 to 500"),
		intFlag("max-bytes", 4<<20, "create a ticket with at most `N` bytes"),
	}
}

// outputFlags say how the result is told.
func outputFlags() []cli.Flag {
	return append(reportFlags(),
		stringFlag("rejects", "write rejected records to `FILE`, in the input's own format with the reasons beside them"),
	)
}

// defaultPatience is how long an outage of the target is waited out.
const defaultPatience = time.Hour

// targetFlags say where tickets go.
func targetFlags() []cli.Flag {
	return []cli.Flag{
		stringFlag("to", "`ADDRESS` of the Gorgias account, as https://acme.gorgias.com"),
		with(stringFlag("ledger", "`FILE` that remembers what was done; one for each account"), "deskferry.db"),
		intFlag("concurrency", 8, "`N` tickets in work at the same time"),
		stringFlag("fallback-agent", "e-mail of the Gorgias `USER` who stands in for agents the account does not have (absent: the one whose key is used)"),
		tagFlag(), integrationFlag(),
		boolFlag("rules-off", "confirm that the account's rules, auto-replies and surveys are off: see docs/safety.md"),
		durationFlag("settle-window", 15*time.Minute, "`TIME` in which a request without an answer may still take effect"),
		durationFlag("patience", defaultPatience, "`TIME` to wait for a target that does not answer"),
		intFlag("quota-share", 50, "`PERCENT` of the account's request quota to use"),
		boolFlag("keep-plan", "keep the staged bodies when everything is done"),
	}
}

const credentialHelp = `CREDENTIALS:
   DESKFERRY_GORGIAS_USER and DESKFERRY_GORGIAS_KEY, or DESKFERRY_GORGIAS_TOKEN,
   from the environment; each also as …_FILE, the name of a file that holds it.
`
