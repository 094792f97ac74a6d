package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
)

func doctorCommand(std streams) *cli.Command {
	flags := []cli.Flag{stringFlag("to", "`ADDRESS` of the Gorgias account, as https://acme.gorgias.com")}
	flags = append(append(flags, inputFlags()...), peopleFlags()...)
	flags = append(flags, tagFlag(), integrationFlag(),
		stringFlag("fallback-agent", "e-mail of the Gorgias `USER` who would stand in for agents the account does not have (absent: the one whose key is used)"),
		durationFlag("patience", 20*time.Second, "`TIME` to wait for an account that does not answer"),
		intFlag("quota-share", 50, "`PERCENT` of the account's request quota to use"),
		boolFlag("json", "print it as JSON"),
	)
	return &cli.Command{
		Name:  "doctor",
		Usage: "look at an account before an import: rights, clock, limits, and what would answer",
		Description: "Only reads. With --from and --mapping the export is held against the account: agents, teams, fields, tags, customers and channels that are missing. " +
			"What the API does not show is a list for a person to tick.\n\n" +
			"Exit code 0: nothing stands in the way that can be seen. 3: a warning or a failure wants somebody. 1: it could not run, or nothing answered.\n\n" + credentialHelp,
		Flags:  flags,
		Action: func(c *cli.Context) error { return doctor(c, std) },
	}
}

func doctor(c *cli.Context, std streams) error {
	client, err := newClient(c)
	if err != nil {
		return err
	}
	d := &gorgias.Doctor{Client: client}
	ctx, stop := interruptible(c.Context)
	defer stop()
	done := func() {}
	if len(c.StringSlice("from")) > 0 || c.String("mapping") != "" {
		job, set, err := openInputJob(c, std)
		if err != nil {
			return err
		}
		defer set.Close()
		done = watchJob(std.err, job)
		e := &gorgias.Export{}
		e.Tickets = job.Tickets(ctx, func(s *importer.Summary) { e.Summary = s })
		d.Export = e
	}
	x, err := d.Examine(ctx)
	done()
	if err != nil {
		return stopped(ctx, err)
	}
	if c.Bool("json") {
		e := json.NewEncoder(std.out)
		e.SetIndent("", " ")
		err = e.Encode(x)
	} else {
		err = examination{Examination: x, colour: colours(std.out)}.write(std.out)
	}
	switch {
	case err != nil:
		return err
	case !x.Answered():
		return fmt.Errorf("nothing could be looked at: %s does not answer; check the address, the network and any proxy between", x.Target)
	case x.Worst() != gorgias.LevelOK:
		return errIncomplete
	}
	return nil
}

// examination writes what a doctor found, at most 80 columns wide.
type examination struct {
	*gorgias.Examination
	colour bool
}

// findingColumn is where a finding's words begin.
const findingColumn = 10

func (x examination) write(out io.Writer) error {
	var b strings.Builder
	wrap(&b, "", "", fmt.Sprintf("%s, %s", x.Target, x.AsOf.Format("2006-01-02 15:04 UTC")))
	b.WriteString("\n")
	for _, f := range x.Findings {
		x.finding(&b, f)
	}
	b.WriteString("\n")
	wrap(&b, "", "", "What acts on new tickets, whoever makes them. Off: [x], on: [!], for you to look at and tick: [ ] (docs/safety.md)")
	for _, h := range x.Checklist {
		mark := map[gorgias.HazardState]string{gorgias.HazardOff: "[x]", gorgias.HazardOn: "[!]"}[h.State]
		if mark == "" {
			mark = "[ ]"
		}
		wrap(&b, "   "+mark+" ", "       ", h.What+": "+h.Seen)
	}
	b.WriteString("\n")
	wrap(&b, "", "", x.verdict())
	_, err := io.WriteString(out, b.String())
	return err
}

func (x examination) finding(b *strings.Builder, f gorgias.Finding) {
	indent := strings.Repeat(" ", findingColumn)
	var text strings.Builder
	wrap(&text, fmt.Sprintf("   %-*s", findingColumn-3, f.Level), indent, f.Seen)
	if f.Do != "" {
		wrap(&text, indent+"> ", indent+"  ", f.Do)
	}
	said := text.String()
	if code := map[gorgias.Level]string{gorgias.LevelWarn: yellow, gorgias.LevelFail: red}[f.Level]; x.colour && code != "" {
		said = strings.Replace(said, string(f.Level), "\x1b["+code+"m"+string(f.Level)+"\x1b[0m", 1)
	}
	b.WriteString(said)
	var values []string
	for _, v := range f.Values {
		if v.Count > 0 {
			values = append(values, fmt.Sprintf("%s (%d)", v.Value, v.Count))
		} else {
			values = append(values, v.Value)
		}
	}
	if f.More > 0 {
		values = append(values, fmt.Sprintf("and %d more", f.More))
	}
	if len(values) > 0 {
		wrap(b, indent+"  ", indent+"  ", strings.Join(values, ", "))
	}
}

func (x examination) verdict() string {
	warned, failed := x.Count(gorgias.LevelWarn), x.Count(gorgias.LevelFail)
	switch {
	case failed > 0:
		return fmt.Sprintf("%d to mend before an import, %d to know of or decide. Nothing was changed: %d requests, all of them reads.", failed, warned, x.Requests)
	case warned > 0:
		return fmt.Sprintf("Nothing forbids an import that can be seen; %d to know of or decide. Nothing was changed: %d requests, all of them reads.", warned, x.Requests)
	}
	return fmt.Sprintf("Nothing stands in the way that can be seen; tick the list above. Nothing was changed: %d requests, all of them reads.", x.Requests)
}
