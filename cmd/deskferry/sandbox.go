package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer/sandbox"
)

func sandboxCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "sandbox",
		Usage: "serve a Gorgias look-alike on this machine, with an outbox that must stay empty",
		Description: "Rehearse an import against it: any user and key will do. The page at / shows tickets as conversations, and the outbox: what a real " +
			"account would have mailed. GET /sandbox/stats and /sandbox/outbox answer JSON. docs/sandbox.md has the faults.",
		Flags: []cli.Flag{
			with(stringFlag("listen", "`ADDRESS` to serve on"), "127.0.0.1:8765"),
			stringFlag("state", "`FILE` that keeps tickets and outbox over restarts"),
			intFlag("quota", 0, "requests the account's bucket holds, draining in 20 s: 40 as a real account; 0 is none"),
			stringFlag("faults", "what goes wrong, as `SCRIPT`: \"drop-after:5%, 503@7\""),
			boolFlag("rules", "let the account's own rules answer new tickets by mail, as a forgotten rule would"),
			stringFlag("user", "with DESKFERRY_SANDBOX_KEY in the environment: the only credentials taken"),
		},
		Action: func(c *cli.Context) error { return serveSandbox(c, std) },
	}
}

func serveSandbox(c *cli.Context, std streams) error {
	faults, err := sandbox.ParseFaults(c.String("faults"))
	if err != nil {
		return usagef("%v", err)
	}
	options := sandbox.Options{Quota: sandbox.Quota{Bucket: c.Int("quota")}, Faults: faults, Rules: c.Bool("rules"), StateFile: c.String("state")}
	if user := c.String("user"); user != "" {
		key, err := secret(lookupEnv, "DESKFERRY_SANDBOX_KEY")
		if err != nil {
			return err
		}
		if key == "" {
			return usagef("--user needs its key in DESKFERRY_SANDBOX_KEY")
		}
		options.Credentials = []sandbox.Credential{{User: user, Key: key}}
	}
	account := sandbox.New(options)
	if err := account.Load(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.String("listen"))
	if err != nil {
		return fmt.Errorf("serving the sandbox: %w; choose another address with --listen", err)
	}
	fmt.Fprintf(std.out, "sandbox ready at http://%s\nimport with --to http://%[1]s; Ctrl-C ends it\n", listener.Addr())
	ctx, stop := interruptible(c.Context)
	defer stop()
	server := &http.Server{Handler: account.Handler(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if err = server.Shutdown(grace); errors.Is(err, context.DeadlineExceeded) {
			err = server.Close() // a client that keeps its connection busy
		}
		<-ended
	}
	return errors.Join(err, account.Close())
}
