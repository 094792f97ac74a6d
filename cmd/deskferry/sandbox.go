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
			"account would have mailed. GET /sandbox/stats and /sandbox/outbox answer JSON. docs/sandbox.md has the faults.\n\n" +
			"With --omnidesk an Omnidesk v2 account is served beside it, to read from. It is filled with made-up tickets, or with those of --omnidesk-seed: " +
			"any export with its mapping, or answers of the v2 API that were saved.",
		Flags: []cli.Flag{
			with(stringFlag("listen", "`ADDRESS` to serve on"), "127.0.0.1:8765"),
			stringFlag("state", "`FILE` that keeps tickets and outbox over restarts"),
			intFlag("quota", 0, "requests the account's bucket holds, draining in 20 s: 40 as a real account; 0 is none"),
			stringFlag("faults", "what goes wrong, as `SCRIPT`: \"drop-after:5%, 503@7\""),
			boolFlag("rules", "let the account's own rules answer new tickets by mail, as a forgotten rule would"),
			stringFlag("user", "the only `USER` taken, with the key in DESKFERRY_SANDBOX_KEY"),
			stringFlag("omnidesk", "`ADDRESS` to serve an Omnidesk v2 account on, as 127.0.0.1:8766; its key is in DESKFERRY_SANDBOX_OMNIDESK_KEY, else any will do"),
			intFlag("omnidesk-tickets", 500, "`N` made-up tickets in it"),
			stringsFlag("omnidesk-seed", "fill it from `PATH` instead: an export or saved v2 answers (repeatable)"),
			stringFlag("omnidesk-mapping", "mapping `FILE` of that export, or the name of a preset"),
			stringFlag("omnidesk-faults", "what goes wrong there, as `SCRIPT`"),
			intFlag("omnidesk-quota", 0, "`N` requests a second that it takes; 0 is no limit"),
		},
		Action: func(c *cli.Context) error { return serveSandbox(c, std) },
	}
}

func serveSandbox(c *cli.Context, std streams) error {
	account, err := newAccount(c)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(c.Context)
	defer stop()
	v2, err := newOmnidesk(ctx, c, std)
	if err != nil {
		return stopped(ctx, err)
	}
	if err := account.Load(); err != nil {
		return err
	}
	closeAccounts := func() error {
		if v2 != nil {
			v2.Close()
		}
		return account.Close()
	}
	listener, err := net.Listen("tcp", c.String("listen"))
	if err != nil {
		return errors.Join(fmt.Errorf("serving the sandbox: %w; choose another address with --listen", err), closeAccounts())
	}
	servers := map[net.Listener]http.Handler{listener: account.Handler()}
	if v2 != nil {
		beside, err := net.Listen("tcp", c.String("omnidesk"))
		if err != nil {
			return errors.Join(fmt.Errorf("serving the Omnidesk sandbox: %w; choose another address with --omnidesk", err), listener.Close(), closeAccounts())
		}
		servers[beside] = v2.Handler()
		stats := v2.Stats()
		fmt.Fprintf(std.out, "omnidesk ready at http://%s%s: %d tickets, %d messages, %d notes\n", beside.Addr(), omnideskBase, stats.Tickets, stats.Messages, stats.Notes)
	}
	fmt.Fprintf(std.out, "sandbox ready at http://%s\nimport with --to http://%[1]s; Ctrl-C ends it\n", listener.Addr())
	return errors.Join(serveAll(ctx, servers), closeAccounts())
}

// newAccount makes the Gorgias account that the flags describe.
func newAccount(c *cli.Context) (*sandbox.Server, error) {
	faults, err := sandbox.ParseFaults(c.String("faults"))
	if err != nil {
		return nil, usagef("%v", err)
	}
	options := sandbox.Options{Quota: sandbox.Quota{Bucket: c.Int("quota")}, Faults: faults, Rules: c.Bool("rules"), StateFile: c.String("state")}
	if user := c.String("user"); user != "" {
		key, err := secret(lookupEnv, "DESKFERRY_SANDBOX_KEY")
		if err != nil {
			return nil, err
		}
		if key == "" {
			return nil, usagef("--user needs its key in DESKFERRY_SANDBOX_KEY")
		}
		options.Credentials = []sandbox.Credential{{User: user, Key: key}}
	}
	return sandbox.New(options), nil
}

// serveAll serves until ctx ends or a server fails, then lets requests in hand finish for two seconds.
func serveAll(ctx context.Context, handlers map[net.Listener]http.Handler) error {
	ended := make(chan error, len(handlers))
	var servers []*http.Server
	for listener, handler := range handlers {
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
		servers = append(servers, server)
		go func() { ended <- server.Serve(listener) }()
	}
	var failed error
	running := len(servers)
	select {
	case failed = <-ended:
		running--
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	for _, server := range servers {
		err := server.Shutdown(grace)
		if errors.Is(err, context.DeadlineExceeded) {
			err = server.Close() // a client that keeps its connection busy
		}
		failed = errors.Join(failed, err)
	}
	for range running {
		<-ended
	}
	return failed
}
