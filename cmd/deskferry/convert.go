package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/report"
	"github.com/deskferry/deskferry/mapping"
)

func convertCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "convert",
		Usage: "write what would be imported as NDJSON in Gorgias' field names, and send nothing",
		Description: "--as tickets gives one whole ticket a line, grouped and in the order of the input; --as messages one message a line with its ticket's id, " +
			"streamed in the order of the input. Rejected records are left out and counted on standard error.",
		Flags: append(append(inputFlags(), choiceFlags()...),
			stringFlag("as", "what a line is, `FORM`: tickets or messages"),
			with(stringFlag("out", "`FILE` to write, - for standard output"), "-"),
			stringFlag("rejects", "write rejected records to `FILE`, in the input's own format with the reasons beside them"),
		),
		Action: func(c *cli.Context) error { return convert(c, std) },
	}
}

func convert(c *cli.Context, std streams) (err error) {
	as := c.String("as")
	if as != "tickets" && as != "messages" {
		return usagef("--as %q: it is tickets or messages", as)
	}
	job, set, err := openJob(c, std)
	if err != nil {
		return err
	}
	defer set.Close()
	closeRejects, err := openRejects(c, job)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(c.Context)
	defer stop()
	done := watchJob(std.err, job)
	var summary *importer.Summary
	keep := func(s *importer.Summary) { summary = s }
	err = writeOut(c.String("out"), std.out, func(w io.Writer) error {
		if as == "tickets" {
			return writeTickets(ctx, w, job, keep)
		}
		return writeMessages(ctx, w, job, keep)
	})
	done()
	if err = errors.Join(err, closeRejects()); err != nil {
		return stopped(ctx, err)
	}
	if summary.Records.Rejected == 0 && summary.Tickets.Held == 0 && summary.Tickets.Rejected == 0 {
		return nil
	}
	if err := (report.Text{Colour: colours(std.err), Dry: true}).Write(std.err, summary); err != nil {
		return err
	}
	return errIncomplete
}

func writeTickets(ctx context.Context, w io.Writer, job *importer.Job, done func(*importer.Summary)) error {
	var e gorgias.Encoder
	for work, err := range job.Tickets(ctx, done) {
		if err != nil {
			return err
		}
		t, _, err := e.Ticket(work)
		if err != nil {
			return err
		}
		b, err := gorgias.MarshalTicket(&t)
		if err != nil {
			return fmt.Errorf("ticket %s: %w", work.Key, err)
		}
		if _, err := w.Write(append(b, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func writeMessages(ctx context.Context, w io.Writer, job *importer.Job, done func(*importer.Summary)) error {
	var e gorgias.Encoder
	for one, err := range job.Messages(ctx, done) {
		if err != nil {
			return err
		}
		work := importer.Work{
			Key:        importer.Key(one.Ticket),
			Ticket:     mapping.Ticket{Messages: []mapping.Message{one.Message}},
			MessageIDs: []string{importer.MessageExternalID(one.Message.ExternalID)},
		}
		m, _, err := e.Message(&work, 0)
		if err != nil {
			return fmt.Errorf("%s: %w", one.Origin, err)
		}
		b, err := gorgias.MarshalMessageLine(one.Ticket, &m)
		if err != nil {
			return fmt.Errorf("%s: %w", one.Origin, err)
		}
		if _, err := w.Write(append(b, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// writeOut gives write a buffered file that appears only when it is whole, or standard output.
func writeOut(path string, stdout io.Writer, write func(io.Writer) error) error {
	if path == "-" {
		w := bufio.NewWriterSize(stdout, 1<<18)
		return errors.Join(write(w), w.Flush())
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
		w := bufio.NewWriterSize(f, 1<<18)
		return errors.Join(write(w), w.Flush(), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".deskferry-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	w := bufio.NewWriterSize(f, 1<<18)
	if err := errors.Join(write(w), w.Flush(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
