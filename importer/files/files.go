// Package files fetches the files of an export while their links still live, and keeps them content-addressed beside the
// ledger: each URL is fetched once, each content is uploaded once, over all runs.
//
// A URL is hostile input. No connection is made to an address of a private network unless that was allowed, whatever a name
// resolves to at that moment and wherever a redirect leads, and no host gets the credentials of another.
package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// What is used where a setting is zero.
const (
	DefaultLimit   = 50 << 20 // bytes of one file
	DefaultTimeout = 2 * time.Minute
)

// Code says why a file cannot be had. It is stable: reports and stores keep it.
type Code string

// The outcomes of a fetch that gave no file.
const (
	Empty       Code = "file.empty"       // 0 bytes
	Gone        Code = "file.gone"        // 404, 410
	Denied      Code = "file.denied"      // 401, 403
	LoginPage   Code = "file.login_page"  // a web page where the attachment is not said to be one
	TooLarge    Code = "file.too_large"   // more than the limit
	Private     Code = "file.private"     // an address that is not asked, see [Allow]
	Redirect    Code = "file.redirect"    // too many, or to another scheme
	TimedOut    Code = "file.timeout"     // not there within the time limit
	Unreachable Code = "file.unreachable" // no such host, refused, broken TLS
	ServerError Code = "file.server"      // 5xx after retries, or an answer that means nothing
	BadURL      Code = "file.url"         // not http or https, or not to be read
	Cut         Code = "file.cut"         // shorter than announced
	BadData     Code = "file.data"        // the export's own bytes are not base64
	NotTaken    Code = "file.refused"     // the account did not take it
)

// Codes lists all outcomes, in the order of reports.
func Codes() []Code {
	return []Code{Gone, Denied, LoginPage, Empty, TooLarge, Cut, TimedOut, Unreachable, ServerError, Redirect, Private, BadURL, BadData, NotTaken}
}

// Text is the outcome in words, fit for a placeholder that people read years later.
func (c Code) Text() string {
	switch c {
	case Empty:
		return "the file was empty"
	case Gone:
		return "the old system no longer had it"
	case Denied:
		return "the old system did not give it without signing in"
	case LoginPage:
		return "the old system answered with a web page instead of it"
	case TooLarge:
		return "it was too large"
	case Private:
		return "its address was in a private network"
	case Redirect:
		return "its address led elsewhere without end"
	case TimedOut:
		return "it did not arrive in time"
	case Unreachable:
		return "the old system was not reachable"
	case ServerError:
		return "the old system answered with an error"
	case BadURL:
		return "its address was not valid"
	case Cut:
		return "it arrived incomplete"
	case BadData:
		return "its data was not readable"
	case NotTaken:
		return "it was not accepted"
	}
	return "it was not available"
}

// Hint says what a person does about it, lower case.
func (c Code) Hint() string {
	switch c {
	case Empty:
		return "look at it in the old system: it is empty there, or its server is at fault"
	case Gone:
		return "restore it in the old system if you can, then deskferry rescue --gone, or retry --missing-files after an import"
	case Denied, LoginPage:
		return "give the old system's own authentication in DESKFERRY_FILES_AUTH, see docs/files.md"
	case TooLarge:
		return "raise --files-limit, up to 60 MiB for what Gorgias is sent"
	case Private:
		return "name the host with --allow-private-files if it is yours"
	case TimedOut:
		return "run it again, or raise --files-timeout"
	case Unreachable, ServerError, Cut:
		return "try again later: with rescue, or after an import with retry --missing-files"
	case Redirect:
		return "open the address in a browser to see where it leads"
	}
	return "mend it in the export"
}

// Missing is why a file cannot be had: a result, not a broken run.
type Missing struct {
	Code   Code
	Detail string // what happened this time, without query strings or credentials
}

func (m *Missing) Error() string {
	if m.Detail == "" {
		return m.Code.Text()
	}
	return m.Code.Text() + ": " + m.Detail
}

func missing(code Code, format string, args ...any) *Missing {
	return &Missing{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// CodeOf is the outcome an error stands for; false for broken plumbing: a full disk, a context that is done.
func CodeOf(err error) (Code, bool) {
	var m *Missing
	if errors.As(err, &m) {
		return m.Code, true
	}
	return "", false
}

// Sum is the SHA-256 of a file's bytes, or the key of where it came from.
type Sum [sha256.Size]byte

func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// Source is where a file comes from and what the export says of it.
type Source struct {
	URL         string
	Data        string // base64, instead of URL
	Name        string // "" where the export does not say
	ContentType string
}

// key names the source in the store. A URL is kept as its hash only: it may hold a token.
func (s Source) key() Sum { return sha256.Sum256([]byte(s.URL)) }

// File is one that is at hand.
type File struct {
	Sum         Sum
	Size        int64
	ContentType string // from the bytes, see [ContentType]
	Name        string // safe, see [SafeName]
}
