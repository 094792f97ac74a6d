package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/report"
)

func checkCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:        "check",
		Usage:       "map everything, list every problem, send nothing",
		Description: "Reads the whole export offline and says what an import would do: counts, problems with their remedy, requests and hours.",
		Flags:       append(append(append(inputFlags(), peopleFlags()...), choiceFlags()...), append(outputFlags(), intFlag("quota", 40, "requests the account's bucket holds, for the hours an import takes"))...),
		Action:      func(c *cli.Context) error { return check(c, std) },
	}
}

func check(c *cli.Context, std streams) (err error) {
	job, set, err := openJob(c, std)
	if err != nil {
		return err
	}
	defer set.Close()
	closeRejects, err := openRejects(c, job)
	if err != nil {
		return err
	}
	job.Quota = float64(c.Int("quota")) / 20
	ctx, stop := interruptible(c.Context)
	defer stop()
	done := watchJob(std.err, job)
	summary, err := job.Check(ctx)
	done()
	if err = errors.Join(err, closeRejects()); err != nil {
		return stopped(ctx, err)
	}
	return tell(c, std, summary, true)
}

// tell prints the account of a command and returns what its exit code says.
func tell(c *cli.Context, std streams, s *importer.Summary, dry bool) error {
	if err := s.Balance(); err != nil {
		return err
	}
	var err error
	if c.Bool("json") {
		err = report.JSON(std.out, s)
	} else {
		err = report.Text{Colour: colours(std.out), Dry: dry}.Write(std.out, s)
	}
	if err != nil {
		return err
	}
	t := s.Tickets
	if s.Records.Rejected+t.Rejected+t.Held+t.InDoubt > 0 || !dry && t.Pending > 0 {
		return errIncomplete
	}
	return nil
}
