package main

import (
	"context"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
)

// syncFlags say what a sync may do to tickets that are there already.
func syncFlags() []cli.Flag {
	return []cli.Flag{
		boolFlag("append-only", "add what is new, and leave status, tags and assignee of known tickets alone"),
		boolFlag("append-touched", "add new messages also to tickets that people have worked on in Gorgias: it may reopen them, or make rules act"),
		boolFlag("apply-deletions", "delete from Gorgias what the source no longer holds, where nobody has touched it since"),
		intFlag("max-shrink", importer.DefaultMaxShrink, "stop before anything is written when more than `PERCENT` of the tickets the source held last time are gone"),
		boolFlag("accept-shrink", "go on all the same, this once"),
	}
}

// limitFlags bound an unattended run.
func limitFlags() []cli.Flag {
	return []cli.Flag{
		durationFlag("max-duration", 0, "stop after `TIME`: the requests in hand are finished, and the next sync goes on; 0s is no bound"),
		durationFlag("finish-within", 25*time.Second, "`TIME` that requests in hand have after a signal, before they are given up"),
		intFlag("max-rejects", -1, "stop before anything is written when more than `N` records are rejected; -1 is no bound"),
		intFlag("max-rejects-percent", 10, "stop before anything is written when more than `PERCENT` of the records are rejected; 100 is no bound"),
		boolFlag("quiet", "say nothing when all is well"),
		stringFlag("name", "`NAME` of this sync in metrics and messages (absent: that of the job file, else of the ledger)"),
	}
}

// settings reads the flags that only a sync has.
func (n *night) settings() error {
	c := n.c
	percent := func(name string) (int, error) {
		if p := c.Int(name); p >= 0 && p <= 100 {
			return p, nil
		}
		return 0, usagef("--%s %d: it is a percentage, 0 to 100", name, c.Int(name))
	}
	shrink, err := percent("max-shrink")
	if err != nil {
		return err
	}
	if shrink == 0 {
		return usagef("--max-shrink 0: tickets are deleted and merged in any helpdesk; it is at least 1")
	}
	if _, err := percent("max-rejects-percent"); err != nil {
		return err
	}
	if c.Duration("max-duration") < 0 || c.Duration("finish-within") < 0 {
		return usagef("--max-duration and --finish-within are at least 0s")
	}
	if slices.Contains(c.StringSlice("from"), "-") {
		return usagef("--from -: a sync reads files or an API, as nobody is there to type")
	}
	client, err := newClient(c) // what is wrong with it is said before a ledger is made
	if err != nil {
		return err
	}
	client.Close()
	if err := rulesOff(c); err != nil {
		return err
	}
	n.options = importer.SyncOptions{Updates: !c.Bool("append-only"), AppendTouched: c.Bool("append-touched"), ApplyDeletions: c.Bool("apply-deletions"),
		MaxShrinkPercent: shrink, AcceptShrink: c.Bool("accept-shrink")}
	return nil
}

// unattended are the two contexts of a run that nobody watches: stop ends with a signal or with --max-duration, abort when
// a second signal comes or --finish-within is over.
func unattended(c *cli.Context) (stop, abort context.Context, release func()) {
	signalled, abort, releaseSignals := twoStage(c.Context)
	stop, cancelStop := context.WithCancelCause(signalled)
	abort, cancelAbort := context.WithCancel(abort)
	timers := make([]*time.Timer, 0, 1)
	if d := c.Duration("max-duration"); d > 0 {
		timers = append(timers, time.AfterFunc(d, func() { cancelStop(outOfTime{}) }))
	}
	grace := c.Duration("finish-within")
	forget := context.AfterFunc(signalled, func() {
		if err := sleep(abort, grace); err == nil {
			cancelAbort()
		}
	})
	return stop, abort, func() {
		forget()
		for _, t := range timers {
			t.Stop()
		}
		cancelStop(nil)
		cancelAbort()
		releaseSignals()
	}
}
