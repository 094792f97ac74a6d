package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/urfave/cli/v2"
)

// Where the addresses are that are told how a sync ended. Both are secrets: who knows them can write there.
const (
	webhookVariable = "DESKFERRY_NOTIFY_WEBHOOK"
	pingVariable    = "DESKFERRY_NOTIFY_PING"
)

// When somebody is told.
const (
	notifyFailure = "failure" // a run that failed, was interrupted, or found another one at work
	notifyChange  = "change"  // one that ended otherwise than the one before, or leaves other things to somebody
	notifyAlways  = "always"
)

const (
	tellTimeout  = 10 * time.Second // for one request
	tellTries    = 3
	tellPause    = time.Second
	commandLimit = time.Minute
)

func notifyFlags() []cli.Flag {
	return []cli.Flag{
		stringsFlag("notify-on", "`WHEN` the webhook and the command are told: failure, change or always (repeatable; absent: failure and change)"),
	}
}

const notifyHelp = `NOTIFICATION:
   DESKFERRY_NOTIFY_WEBHOOK: an address that takes Slack's JSON, {"text": …}.
   DESKFERRY_NOTIFY_PING: an address that is asked at …/start, at the end, and
   at …/fail, as healthchecks.io wants it. Each also as …_FILE. docs/sync.md has
   more.
`

// notifier tells people and machines how a sync went.
type notifier struct {
	webhook, ping string // addresses; "" is nobody
	command       []string
	on            []string
	client        *http.Client
	pause         time.Duration // before the second try, and twice as long before the third
}

// newNotifier makes the notifier that the settings ask for. With an error it tells those that could be made out.
func newNotifier(c *cli.Context) (*notifier, error) {
	n := &notifier{on: c.StringSlice("notify-on"), client: &http.Client{Timeout: tellTimeout}, pause: tellPause}
	if len(n.on) == 0 {
		n.on = []string{notifyFailure, notifyChange}
	}
	var errs []error
	for _, on := range n.on {
		if !slices.Contains([]string{notifyFailure, notifyChange, notifyAlways}, on) {
			errs = append(errs, usagef("--notify-on %q: it is failure, change or always", on))
		}
	}
	for variable, to := range map[string]*string{webhookVariable: &n.webhook, pingVariable: &n.ping} {
		address, err := secret(lookupOf(c), variable)
		if u, e := url.Parse(address); err == nil && address != "" && (e != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			err = usagef("%s is no address of the kind https://…", variable)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		*to = address
	}
	if j := jobOf(c); j != nil {
		n.command = j.command
	}
	return n, errors.Join(errs...)
}

// wants tells whether somebody is to be told of o, given the outcome before it.
func (n *notifier) wants(o, before *outcome) bool {
	failed := !o.finished()
	changed := before.Outcome != "" && before.Outcome != o.Outcome || before.Outcome == "" && o.Outcome == outcomeIncomplete || o.finished() && before.finished() && o.Needs != before.Needs
	return slices.Contains(n.on, notifyAlways) || failed && slices.Contains(n.on, notifyFailure) || changed && slices.Contains(n.on, notifyChange)
}

// tell tells of o. Its error says who could not be told; it holds no address.
func (n *notifier) tell(ctx context.Context, o *outcome) error {
	var errs []error
	if n.webhook != "" {
		if err := n.post(ctx, o); err != nil {
			errs = append(errs, fmt.Errorf("telling the webhook: %w", err))
		}
	}
	if len(n.command) > 0 {
		if err := n.run(ctx, o); err != nil {
			errs = append(errs, fmt.Errorf("telling the command %s: %w", n.command[0], err))
		}
	}
	return errors.Join(errs...)
}

// slackText is what Slack and those who take its form show. Three characters are markup there.
func slackText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func (n *notifier) post(ctx context.Context, o *outcome) error {
	b, err := json.Marshal(struct {
		Text string `json:"text"`
	}{slackText("deskferry " + o.Text)})
	if err != nil {
		return err
	}
	return n.send(ctx, func() (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, n.webhook, bytes.NewReader(b))
		if err == nil {
			r.Header.Set("Content-Type", "application/json")
		}
		return r, err
	})
}

// knock asks the ping address, with a word after its path: "start", "fail" or "".
func (n *notifier) knock(ctx context.Context, word string) error {
	if n.ping == "" {
		return nil
	}
	u, err := url.Parse(n.ping)
	if err != nil {
		return errors.New("asking the ping address: it cannot be read")
	}
	if word != "" {
		u = u.JoinPath(word)
	}
	err = n.send(ctx, func() (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	})
	if err != nil {
		return fmt.Errorf("asking the ping address: %w", err)
	}
	return nil
}

// send makes a request up to three times. The address is in no error.
func (n *notifier) send(ctx context.Context, request func() (*http.Request, error)) error {
	var last error
	for try := range tellTries {
		if try > 0 {
			if err := sleep(ctx, n.pause<<(try-1)); err != nil {
				return errors.Join(last, err)
			}
		}
		r, err := request()
		if err != nil {
			return errors.New("the address cannot be used")
		}
		resp, err := n.client.Do(r)
		if err != nil {
			last = withoutAddress(err)
			continue
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
		_ = resp.Body.Close()
		if resp.StatusCode/100 == 2 {
			return nil
		}
		last = fmt.Errorf("answered %s", resp.Status)
		if resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusTooManyRequests {
			return last
		}
	}
	return last
}

// withoutAddress is an error of net/http without the address it was about.
func withoutAddress(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// run starts the command with the outcome as JSON on its standard input. It gets the environment but for deskferry's own
// variables, which hold keys.
func (n *notifier) run(ctx context.Context, o *outcome) error {
	b, err := json.Marshal(o, json.FormatNilSliceAsNull(false))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, n.command[0], n.command[1:]...)
	cmd.Stdin = bytes.NewReader(b)
	cmd.WaitDelay = time.Second
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(strings.ToUpper(v), "DESKFERRY_") })
	out, err := cmd.CombinedOutput()
	if err != nil {
		if said := strings.TrimSpace(string(out[:min(len(out), 500)])); said != "" {
			err = fmt.Errorf("%w: %s", err, said)
		}
		return err
	}
	return nil
}
