package main

import (
	"errors"

	"github.com/urfave/cli/v2"
)

func checkCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:        "check",
		Usage:       "map everything, list every problem, send nothing",
		Description: "Reads the whole export offline and says what an import would do: counts, problems with their remedy, requests and hours. With --report report.html it makes a page to show around.",
		Flags:       append(append(append(inputFlags(), peopleFlags()...), choiceFlags()...), append(outputFlags(), intFlag("quota", 40, "requests the account's bucket holds, for the hours an import takes"))...),
		Action:      func(c *cli.Context) error { return check(c, std) },
	}
}

func check(c *cli.Context, std streams) (err error) {
	t, err := newTeller(c, std)
	if err != nil {
		return err
	}
	job, set, err := openJob(c, std)
	if err != nil {
		return err
	}
	defer set.Close()
	if err := t.read(job); err != nil {
		return err
	}
	closeRejects, err := openRejects(c, job)
	if err != nil {
		return err
	}
	job.Quota = float64(c.Int("quota")) / 20
	ctx, stop := interruptible(c.Context)
	defer stop()
	job.Pick = t.shows()
	done := t.watch(job)
	t.Summary, err = job.Check(ctx)
	if err == nil {
		err = t.previews(ctx, job)
	}
	done()
	if err = errors.Join(err, closeRejects()); err != nil {
		return t.fail(stopped(ctx, err))
	}
	t.ended(nil)
	return t.tell()
}
