package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/files"
)

func rescueCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "rescue",
		Usage: "fetch all files of an export now, before their links expire",
		Description: "Fetches every attachment into a folder beside the ledger, each address once and each content once, and lists what cannot be had. An import with the same " +
			"--ledger takes them from there. Stop it at any moment: the same command goes on, and asks again for what failed. No account is needed.\n\n" + fileHelp,
		Flags: append(append(append(inputFlags(),
			with(stringFlag("ledger", "`FILE` the import will use; the files are kept beside it"), "deskferry.db"),
			intFlag("concurrency", 8, "`N` files at the same time, 4 of them from one host"),
			boolFlag("gone", "ask again for files that were gone (404) in an earlier run"),
		), fetchFlags()...),
			stringFlag("only-ticket", "only the ticket with this `ID` in the source"),
			intFlag("limit", 0, "only the first `N` tickets"),
			boolFlag("json", "print the result as JSON"),
		),
		Action: func(c *cli.Context) error { return rescue(c, std) },
	}
}

func rescue(c *cli.Context, std streams) (err error) {
	hosts, err := fileHosts(c)
	if err != nil {
		return err
	}
	fetcher, err := fetcherOf(c)
	if err != nil {
		return err
	}
	defer fetcher.Close()
	job, set, err := openInputJob(c, std)
	if err != nil {
		return err
	}
	defer set.Close()
	if job.OnlyTicket, job.Limit = c.String("only-ticket"), c.Int("limit"); job.Limit < 0 {
		return usagef("--limit %d: it is at least 1", job.Limit)
	}
	job.SendIncomplete = true // files of tickets that are mended later are wanted now
	folder := files.FolderOf(c.String("ledger"))
	store, err := files.Open(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	ctx, stop := interruptible(c.Context)
	defer stop()
	bar := newProgress(std.err, "fetching", "files", 0)
	done, err := files.Rescue{
		Keeper: &files.Keeper{Store: store, Fetcher: fetcher, Gone: c.Bool("gone")}, Parallel: c.Int("concurrency"),
		Each: func(r *files.Rescued) {
			note := byteText(r.Bytes)
			if r.Missing > 0 {
				note += fmt.Sprintf(", %d missing", r.Missing)
			}
			bar.show(r.Files, 0, note)
		},
	}.Do(ctx, filesOf(ctx, job, hosts))
	bar.done()
	if err = stopped(ctx, err); err != nil && !errors.Is(err, errInterrupted) {
		return err
	}
	if told := tellRescued(c, std.out, done, folder); told != nil {
		return told
	}
	if err == nil && done.Missing > 0 {
		err = errIncomplete
	}
	return err
}

// filesOf lists the files of an export's tickets.
func filesOf(ctx context.Context, job *importer.Job, hosts []string) iter.Seq2[files.Item, error] {
	return func(yield func(files.Item, error) bool) {
		for w, err := range job.Tickets(ctx, nil) {
			if err != nil {
				yield(files.Item{}, err)
				return
			}
			for i := range w.Ticket.Messages {
				m := &w.Ticket.Messages[i]
				item := files.Item{Ticket: string(w.Key)}
				for _, a := range m.Attachments {
					item.Source = files.Source{URL: a.URL, Data: a.Data, Name: a.Name, ContentType: a.ContentType}
					if !yield(item, nil) {
						return
					}
				}
				refs, _ := files.Images(m.BodyHTML, hosts)
				for _, ref := range refs {
					if files.IsData(ref) {
						continue
					}
					item.Source = files.Source{URL: ref}
					if !yield(item, nil) {
						return
					}
				}
			}
		}
	}
}

// tellRescued prints the account.
func tellRescued(c *cli.Context, out io.Writer, r *files.Rescued, folder string) error {
	if c.Bool("json") {
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		return e.Encode(r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "rescued: %s of %s, %s; %s fetched now (%s)\n", thousands(r.AtHand+r.InExport), count(r.Files, "file"), byteText(r.Bytes), thousands(r.Fetched), byteText(r.FetchedBytes))
	if r.InExport > 0 {
		fmt.Fprintf(&b, "   %s in the export itself\n", count(r.InExport, "file"))
	}
	fmt.Fprintf(&b, "   kept in %s\n", folder)
	tellMissing(&b, r)
	if len(r.Hosts) > 0 {
		b.WriteString("\nhosts\n")
	}
	for _, h := range r.Hosts {
		fmt.Fprintf(&b, "   %-30s %12s %11s", h.Host, count(h.Files, "file"), byteText(h.Bytes))
		if h.Missing > 0 {
			fmt.Fprintf(&b, "  %s missing", thousands(h.Missing))
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func tellMissing(b *strings.Builder, r *files.Rescued) {
	if r.Missing > 0 {
		fmt.Fprintf(b, "\nmissing: %s\n", count(r.Missing, "file"))
	}
	for _, o := range r.Outcomes {
		fmt.Fprintf(b, "   %-17s %7s  %s\n", o.Code, thousands(o.Count), o.Text)
		for _, e := range o.Examples {
			line := "ticket " + e.Ticket + ": " + e.Name
			line += ", " + e.Host
			if e.Detail != "" {
				line += ": " + e.Detail
			}
			wrap(b, "      ", "         ", line)
		}
		wrap(b, "      hint: ", "         ", o.Hint)
	}
}

// byteText is a number of bytes for people: "1.2 MiB".
func byteText(n int64) string {
	if n < 1<<10 {
		return count(n, "byte")
	}
	v, unit := float64(n)/(1<<10), "KiB"
	for _, next := range []string{"MiB", "GiB", "TiB"} {
		if v < 1024 {
			break
		}
		v, unit = v/1024, next
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}
