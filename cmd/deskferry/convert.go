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
	"github.com/deskferry/deskferry/importer/export"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/report"
	"github.com/deskferry/deskferry/mapping"
)

func convertCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "convert",
		Usage: "write what would be imported, for people and other programs, and send nothing",
		Description: "--as tickets gives one whole ticket a line as JSON in Gorgias' field names, grouped and in the order of the input; --as messages one message a line with its " +
			"ticket's id, streamed in the order of the input; --as csv-messages a flat CSV with a row a message, which --mapping messages reads back; --as v2-messages the message " +
			"records of the Omnidesk v2 API, for feeding another system: posted there they are delivered to customers. Rejected records are left out and counted on standard error; " +
			"so is what a form has no place for.",
		Flags: append(append(append(inputFlags(), peopleFlags()...), choiceFlags()...),
			stringFlag("as", "what a line is, `FORM`: tickets, messages, csv-messages or v2-messages"),
			with(stringFlag("v2-timezone", "`ZONE` of the times of v2-messages, which name none"), "UTC"),
			with(stringFlag("out", "`FILE` to write, - for standard output"), "-"),
			stringFlag("rejects", "write rejected records to `FILE`, in the input's own format with the reasons beside them"),
			tagFlag(),
		),
		Action: func(c *cli.Context) error { return convert(c, std) },
	}
}

func convert(c *cli.Context, std streams) (err error) {
	write, err := formOf(c)
	if err != nil {
		return err
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
		return write(ctx, w, job, keep)
	})
	done()
	if err = errors.Join(err, closeRejects()); err != nil {
		return stopped(ctx, err)
	}
	if summary.Records.Rejected == 0 && summary.Tickets.Held == 0 && summary.Tickets.Rejected == 0 {
		return nil
	}
	if err := (report.Text{Colour: colours(std.err)}).Report(std.err, &report.Report{Summary: summary, Command: "check"}); err != nil {
		return err
	}
	return errIncomplete
}

// form writes what a job makes, and hands its account to done.
type form func(ctx context.Context, w io.Writer, job *importer.Job, done func(*importer.Summary)) error

func formOf(c *cli.Context) (form, error) {
	zone, err := zoneFlag(c, "v2-timezone")
	if err != nil {
		return nil, err
	}
	errs := c.App.ErrWriter
	switch as := c.String("as"); as {
	case "tickets":
		tags, err := markerTags(c.StringSlice("tag"))
		return writeTickets(gorgias.Encoder{Tags: tags}), err
	case "messages":
		return writeMessages, nil
	case "csv-messages":
		return func(ctx context.Context, w io.Writer, job *importer.Job, done func(*importer.Summary)) error {
			out := export.NewCSV(w)
			err := eachTicket(ctx, job, done, out.Ticket)
			tellLosses(errs, out.Losses.All())
			fmt.Fprintf(errs, "deskferry: to read it back under the same ids: extends: messages, source: { name: %q }\n", job.Mapping.Name())
			return errors.Join(err, out.Close())
		}, nil
	case "v2-messages":
		return func(ctx context.Context, w io.Writer, job *importer.Job, done func(*importer.Summary)) error {
			out := export.V2{W: w, Zone: zone}
			err := eachTicket(ctx, job, done, out.Ticket)
			tellLosses(errs, out.Losses.All())
			return err
		}, nil
	default:
		return nil, usagef("--as %q: it is tickets, messages, csv-messages or v2-messages", as)
	}
}

func eachTicket(ctx context.Context, job *importer.Job, done func(*importer.Summary), write func(*importer.Work) error) error {
	for work, err := range job.Tickets(ctx, done) {
		if err != nil {
			return err
		}
		if err := write(work); err != nil {
			return err
		}
	}
	return nil
}

// tellLosses says what the form had no place for.
func tellLosses(w io.Writer, losses []export.Loss) {
	if len(losses) == 0 {
		return
	}
	fmt.Fprintln(w, "deskferry: this form has no place for:")
	for _, l := range losses {
		fmt.Fprintf(w, "  %7d × %s\n", l.Count, l.Text)
	}
}

func writeTickets(e gorgias.Encoder) form {
	return func(ctx context.Context, w io.Writer, job *importer.Job, done func(*importer.Summary)) error {
		return eachTicket(ctx, job, done, func(work *importer.Work) error {
			t, _, err := e.Ticket(work)
			if err != nil {
				return err
			}
			b, err := gorgias.MarshalTicket(&t)
			if err != nil {
				return fmt.Errorf("ticket %s: %w", work.Key, err)
			}
			_, err = w.Write(append(b, '\n'))
			return err
		})
	}
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
