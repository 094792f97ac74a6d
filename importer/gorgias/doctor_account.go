package gorgias

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// accountAnswer is what is read of GET /api/account.
type accountAnswer struct {
	Domain   text           `json:"domain"`
	Settings jsontext.Value `json:"settings"`
}

// host asks for the account: whether the address, what stands before it and the credentials are right. It returns whether
// there is more to look at.
func (x *exam) host(ctx context.Context) bool {
	var version atomic.Uint32
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{TLSHandshakeDone: func(s tls.ConnectionState, err error) {
		if err == nil {
			version.Store(uint32(s.Version))
		}
	}})
	var status int
	k := accountCall()
	k.out, k.status = &x.account, &status
	err := stopIfGone(x.c.insist(traced, k))
	x.out.answered = err == nil || status != 0
	how := "without TLS, on this machine"
	if v := version.Load(); v != 0 {
		how = "over " + tls.VersionName(uint16(v)) + " with a certificate this machine trusts"
	}
	answers := fmt.Sprintf("%s answers %s", x.c.base.Host, how)
	switch {
	case err == nil && x.account.Domain == "" && x.c.pacer.Status().Limit == 0:
		x.add(Finding{Code: "host", Level: LevelFail, Seen: answers + ", but not as a Gorgias API does: no account and no rate limit in its answer",
			Do: "check that the address is your Gorgias account's"})
		return false
	case err == nil:
		if name := oneLine(string(x.account.Domain)); name != "" {
			answers += ", for the account " + name
		}
		x.ok("host", "%s", answers)
		x.ok("credentials", "accepted")
		return true
	case status == http.StatusUnauthorized || status == http.StatusPaymentRequired:
		x.ok("host", "%s", answers)
		x.add(Finding{Code: "credentials", Level: LevelFail, Seen: err.Error(), Do: "make a new key under Settings, REST API, in the account itself"})
		return false
	case status == http.StatusForbidden:
		x.ok("host", "%s", answers)
		x.add(Finding{Code: "credentials", Level: LevelWarn, Seen: "accepted, but they may not read the account: " + err.Error(), Do: "use the key of an admin"})
		return true
	}
	x.add(Finding{Code: "host", Level: LevelFail, Seen: err.Error(), Do: "check the address, the network and any proxy between"})
	return false
}

// unable are roles that are not made to write tickets. Roles are not in api/gorgias; these names are inferred.
func unable(role string) bool { return role == "observer-agent" || role == "lite-agent" }

type userAnswer struct {
	Email  text           `json:"email"`
	Name   text           `json:"name"`
	Active jsontext.Value `json:"active"`
	Role   jsontext.Value `json:"role"`
	Roles  jsontext.Value `json:"roles"`
}

// role is the user's role in small letters, "" where none is shown. Recorded answers have an object with a name.
func (u *userAnswer) role() string {
	type named struct {
		Name text `json:"name"`
	}
	for _, v := range []jsontext.Value{u.Role, u.Roles} {
		var one named
		var many []named
		var plain text
		switch {
		case len(v) == 0:
		case v.Kind() == '{' && json.Unmarshal(v, &one) == nil && one.Name != "":
			return strings.ToLower(oneLine(string(one.Name)))
		case v.Kind() == '[' && json.Unmarshal(v, &many) == nil && len(many) > 0 && many[0].Name != "":
			return strings.ToLower(oneLine(string(many[0].Name)))
		case v.Kind() == '"' && json.Unmarshal(v, &plain) == nil && plain != "":
			return strings.ToLower(oneLine(string(plain)))
		}
	}
	return ""
}

// whose says whose key it is: GET /users/0.
func (x *exam) whose(ctx context.Context) {
	var u userAnswer
	if err := x.c.insist(ctx, call{op: opRead, doing: "asking whose key it is", path: "users/0", out: &u}); err != nil {
		x.add(Finding{Code: "caller", Level: LevelWarn, Seen: err.Error(), Do: "name the user who stands in for agents that are gone with --fallback-agent"})
		return
	}
	x.caller = strings.ToLower(strings.TrimSpace(string(u.Email)))
	f := Finding{Code: "caller", Level: LevelOK, Seen: "the key belongs to " + strings.TrimSpace(oneLine(string(u.Name))+" <"+oneLine(x.caller)+">")}
	switch role := u.role(); {
	case role == "":
		f.Seen += "; the role is not shown"
	case unable(role):
		f.Level, f.Seen = LevelWarn, f.Seen+", role "+role+", which is not made to create tickets"
		f.Do = "use the key of an admin, or of an agent with full rights"
	default:
		f.Seen += ", role " + role
	}
	x.add(f)
}

// The skew between this machine's clock and the account's that is worth a word, and that spoils sent times: they must lie
// a minute back by both clocks.
const (
	skewWarn = 30 * time.Second
	skewFail = time.Minute
)

func (x *exam) clock() {
	if !x.c.clock.told.Load() {
		x.ok("clock", "the answers have no Date, so the account's clock is not known")
		return
	}
	skew := time.Duration(x.c.clock.offset.Load()).Round(time.Second)
	f := Finding{Code: "clock", Level: LevelOK, Seen: fmt.Sprintf("this machine and the account agree to within %s", max(skew.Abs(), time.Second))}
	if skew.Abs() > skewWarn {
		f.Level, f.Do = LevelWarn, "set this machine's clock by a time server"
		way := "behind"
		if skew < 0 {
			way = "ahead of"
		}
		f.Seen = fmt.Sprintf("this machine's clock is %s %s the account's; sent times must lie a minute back by both", skew.Abs(), way)
	}
	if skew.Abs() > skewFail {
		f.Level = LevelFail
	}
	x.add(f)
}

// rate says what the account's request limit is, as its last answer told.
func (x *exam) rate() {
	s := x.c.pacer.Status()
	if s.Limit == 0 {
		x.add(Finding{Code: "rate", Level: LevelWarn, Seen: "the answers do not tell the account's request limit", Do: "import with --quota-share 50 or less, and watch for refusals"})
		return
	}
	f := Finding{Code: "rate", Level: LevelOK, Seen: fmt.Sprintf("%.0f of %.0f requests used, %.1f become free in a second", s.Used, s.Limit, s.Limit/s.Window.Seconds())}
	if s.Used > s.Limit/2 {
		f.Level, f.Do = LevelWarn, "find the other application that uses the account's API, or import when it rests"
		f.Seen += "; most of the account's limit is taken by something else"
	}
	x.add(f)
}

// users counts the account's users; false when they cannot be listed.
func (x *exam) users(ctx context.Context) bool {
	k := call{op: opRead, doing: "listing the account's users", path: "users", query: url.Values{"limit": {pageSize}}}
	n, off := 0, 0
	for u, err := range list[userAnswer](ctx, x.c, k, x.c.insist, nil) {
		if err != nil {
			x.add(Finding{Code: "users", Level: LevelFail, Seen: err.Error(), Do: "use the key of an admin: an import finds the authors among the users"})
			return false
		}
		n++
		if u.Active.Kind() == 'f' {
			off++
		}
	}
	said := plural(n, "user")
	if off > 0 {
		said += fmt.Sprintf(", %d of them switched off", off)
	}
	x.ok("users", "%s", said)
	return true
}
