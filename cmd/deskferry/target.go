package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/throttle"
)

// openTarget makes a client of the account that --to names and asks whether it answers: a wrong key, host or account is
// said before anything is planned.
func openTarget(ctx context.Context, c *cli.Context) (*gorgias.Client, error) {
	if err := rulesOff(c); err != nil {
		return nil, err
	}
	return openReader(ctx, c)
}

// rulesOff wants a word about the rules of a real account.
func rulesOff(c *cli.Context) error {
	if to := c.String("to"); to != "" && !onLoopback(to) && !c.Bool("rules-off") && c.String("canary") == "" {
		return usagef("%s\nhint: when that is done, say so with --rules-off, or have it tried with import --canary me@own.domain", ruleWarning)
	}
	return nil
}

// openReader is openTarget for commands that only read.
func openReader(ctx context.Context, c *cli.Context) (*gorgias.Client, error) {
	client, err := newClient(c)
	if err != nil {
		return nil, err
	}
	if err := client.Connect(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", c.String("to"), err)
	}
	return client, nil
}

// newClient makes a client of the account that --to names; it makes no request.
func newClient(c *cli.Context) (*gorgias.Client, error) {
	return clientFor(c, c.Command.Name == "undo", nil)
}

// clientFor is newClient; one for undo can delete and creates nothing. A pacer is another client's, whose requests count too.
func clientFor(c *cli.Context, undo bool, pacer *throttle.Pacer) (*gorgias.Client, error) {
	to := c.String("to")
	if to == "" {
		return nil, usagef("--to is missing: the account's address, as https://acme.gorgias.com")
	}
	share := c.Int("quota-share")
	if share < 1 || share > 100 {
		return nil, usagef("--quota-share %d: it is a percentage, 1 to 100", share)
	}
	if pacer == nil {
		pacer = &throttle.Pacer{Share: float64(share) / 100}
	}
	cred, err := readCredentials(lookupOf(c))
	if err != nil {
		return nil, err
	}
	client, err := gorgias.New(gorgias.Settings{
		Base: to, User: cred.user, Key: gorgias.NewSecret(cred.key), Token: gorgias.NewSecret(cred.token),
		Agent: c.String("fallback-agent"), Patience: c.Duration("patience"),
		Undo: undo, Pacer: pacer,
	})
	if err != nil {
		return nil, err
	}
	return client, encoding(c, &client.Encoder)
}

const ruleWarning = `before importing into a real account, switch off what would act on the new tickets:
   rules that reply or forward, auto-replies, satisfaction surveys, HTTP integrations, auto-merge and auto-split
   (docs/safety.md has the list); no client can prevent these`

// onLoopback tells whether the address is on this machine: a rehearsal.
func onLoopback(to string) bool {
	u, err := url.Parse(to)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return strings.EqualFold(u.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
}
