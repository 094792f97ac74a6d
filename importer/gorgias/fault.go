package gorgias

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/throttle"
)

// op is what a request does, as far as its failures differ: the columns of the retry table (design section 6).
type op uint8

const (
	opRead op = iota
	opCreate
	opAppend
	opUpdate
	opDelete
	opUpload
	opCustomer
)

func (o op) method() string {
	switch o {
	case opRead:
		return http.MethodGet
	case opUpdate:
		return http.MethodPut
	case opDelete:
		return http.MethodDelete
	}
	return http.MethodPost
}

// errDone is the verdict on a DELETE of what is gone already.
var errDone = errors.New("already gone")

// verdict is the retry table: what a status other than 2xx means. done is a DELETE of something that is gone. A
// status nobody foresaw is lost: the one verdict on which nothing is done by guessing.
func verdict(o op, status int) (kind importer.FaultKind, doubtful, done bool) {
	write := o != opRead
	switch status {
	case http.StatusTooManyRequests:
		return importer.Limited, false, false
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusPaymentRequired, http.StatusProxyAuthRequired,
		http.StatusUnavailableForLegalReasons:
		return importer.Stop, false, false
	case http.StatusNotFound, http.StatusGone:
		switch o {
		case opRead, opAppend, opUpdate:
			return importer.Gone, false, false
		case opDelete:
			return 0, false, true
		}
		return importer.Stop, false, false // no such path: a wrong account or host
	case http.StatusConflict:
		switch o {
		case opCreate, opAppend, opCustomer:
			return importer.Conflict, false, false
		case opUpdate, opDelete, opUpload:
			return importer.Refused, false, false
		}
		return importer.Stop, false, false
	case http.StatusRequestEntityTooLarge:
		switch o {
		case opRead:
			return importer.Stop, false, false
		case opCreate, opAppend:
			return importer.TooLarge, false, false
		}
		return importer.Refused, false, false
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusLengthRequired,
		http.StatusPreconditionFailed, http.StatusRequestURITooLong, http.StatusUnsupportedMediaType, http.StatusExpectationFailed,
		http.StatusUnprocessableEntity, http.StatusPreconditionRequired, http.StatusRequestHeaderFieldsTooLarge:
		if write {
			return importer.Refused, false, false
		}
		return importer.Stop, false, false
	}
	if status/100 == 3 {
		return importer.Stop, write, false
	}
	return importer.Lost, false, false // 408, 5xx, and what nobody foresaw
}

// refusal makes the fault of an answer other than 2xx.
func (c *Client) refusal(k call, resp *http.Response) error {
	text := c.errorText(resp)
	kind, doubtful, done := verdict(k.op, resp.StatusCode)
	if done {
		return errDone
	}
	f := &importer.Fault{Kind: kind, Doubtful: doubtful}
	if kind == importer.Limited {
		f.After = throttle.RetryAfter(resp.Header)
	}
	said := fmt.Sprintf("%s: %s answered %d %s", k.doing, c.base.Host, resp.StatusCode, strings.ToLower(http.StatusText(resp.StatusCode)))
	if text != "" {
		said += ": " + text
	}
	if hint := c.hint(k.op, resp, kind, text); hint != "" {
		said += "; " + hint
	}
	f.Err = errors.New(c.redact(said))
	return f
}

// hint says what the user does next.
func (c *Client) hint(o op, resp *http.Response, kind importer.FaultKind, text string) string {
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized:
		return "check DESKFERRY_GORGIAS_USER and DESKFERRY_GORGIAS_KEY (or DESKFERRY_GORGIAS_TOKEN), and that they belong to this account"
	case status == http.StatusForbidden && strings.Contains(strings.ToLower(text), "quota"):
		return "the account's quota is used up: raise the plan or wait for the next period, then run the same command again"
	case status == http.StatusForbidden:
		return "the credentials lack the right to do this: use those of an admin"
	case status == http.StatusPaymentRequired:
		return "the account is not paid for; nothing can be imported into it"
	case status/100 == 3:
		return fmt.Sprintf("the address redirects to %s: give the address of the account itself", redirectHost(resp))
	case kind == importer.Stop && (status == http.StatusNotFound || status == http.StatusGone):
		return "there is no Gorgias API at this address: check the account's name"
	case kind == importer.Stop && o == opRead:
		return "please report this as a fault of deskferry"
	}
	return ""
}

// redirectHost names where a redirect leads, without a query that might hold a token.
func redirectHost(resp *http.Response) string {
	u, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || u.Host == "" {
		return "another path"
	}
	return clip(u.Host)
}

// errorText takes the message of an error body: {"error":{"msg","data"}} or {"error":"…"}, else its text on one line.
func (c *Client) errorText(resp *http.Response) string {
	body := bufio.NewReader(io.LimitReader(resp.Body, maxError))
	if isHTML(resp, body) {
		return "(a web page)"
	}
	raw, _ := io.ReadAll(body)
	var envelope struct {
		Error jsontext.Value `json:"error"`
	}
	lenient := []json.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	if json.Unmarshal(raw, &envelope, lenient...) != nil || envelope.Error == nil {
		return oneLine(string(raw))
	}
	var text string
	if json.Unmarshal(envelope.Error, &text, lenient...) == nil {
		return oneLine(text)
	}
	var parts struct {
		Msg  string         `json:"msg"`
		Data jsontext.Value `json:"data"`
	}
	if json.Unmarshal(envelope.Error, &parts, lenient...) != nil || parts.Msg == "" {
		return oneLine(string(envelope.Error))
	}
	if data := string(parts.Data); data != "" && data != "null" && data != "{}" {
		return oneLine(parts.Msg + " " + data)
	}
	return oneLine(parts.Msg)
}

// oneLine makes text of a server fit for a terminal.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return clip(strings.Join(strings.Fields(s), " "))
}

// broken makes the fault of a request that got no answer.
func (c *Client) broken(k call, err error, connected bool) error {
	f := &importer.Fault{Kind: importer.Lost}
	if !connected {
		f.Kind = importer.NotSent
	}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	first := !c.answered.Load() && !connected
	switch {
	case errors.Is(err, ErrWireRule):
		f.Kind = importer.Stop
	case first && errors.As(err, &dns) && dns.IsNotFound:
		f.Kind = importer.Stop
		f.Err = fmt.Errorf("%s: there is no host %s; check the account's name", k.doing, c.base.Hostname())
	case first && errors.Is(err, syscall.ECONNREFUSED):
		f.Kind = importer.Stop
		f.Err = fmt.Errorf("%s: nothing listens at %s; check the address", k.doing, c.base.Host)
	case first && (errors.As(err, &cert) || errors.As(err, &authority)):
		f.Kind = importer.Stop
		f.Err = c.redacted("%s: the certificate of %s is not trusted: %w; check the address and what stands between", k.doing, c.base.Host, err)
	}
	if f.Err == nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // its text repeats the address, with the query
		}
		f.Err = c.redacted("%s: %w", k.doing, err)
	}
	return f
}
