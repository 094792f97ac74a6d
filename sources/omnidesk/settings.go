package omnidesk

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
)

// How itemStart counts (omnidesk-v2 section 1 infers rows).
const (
	PagingOffset = "offset" // itemStart is the number of a row
	PagingPage   = "page"   // itemStart is the number of a page, from 0
)

const (
	defaultPage     = 500
	maxPage         = 9999 // omnidesk-v2 section 2, ticket
	userPage        = 999  // … user
	customerPage    = 99   // … customer
	defaultPace     = 2.0
	maxPace         = 100.0
	defaultParallel = 4
	maxParallel     = 32
)

// Settings are what the documentation leaves open, and the choices of what to read. The zero value reads all live tickets and the
// people, two requests a second.
type Settings struct {
	Archived string // value of searchArchived: archived tickets are listed as well; "": they are not
	View     string // applyView; "" for none
	Query    string // query; "" for none
	Status   string // status; "" for all
	Page     int    // rows of a page of tickets, at most 9999; 0: 500
	Paging   string // PagingOffset or PagingPage; "": PagingOffset
	History  string // value of getTicketHistory; "": not sent

	Pace     float64 // requests a second; 0: 2
	Parallel int     // requests at the same time; 0: 4

	NoPeople bool     // users and customers are not read
	RawMail  bool     // the raw mail of each e-mail is read, for its attachments
	Types    []string // types of timeline entries that are known to be messages, and so not told as unknown
}

// SettingError is a setting that cannot be meant. Name is the setting's, so that the caller can show where it stands.
type SettingError struct {
	Name string
	Err  error
}

// Error implements error.
func (e *SettingError) Error() string { return fmt.Sprintf("source.api: %s: %v", e.Name, e.Err) }

// Unwrap returns what is wrong with it.
func (e *SettingError) Unwrap() error { return e.Err }

// ParseSettings reads the words of a mapping's source.api, name and value. Errors are *[SettingError]s.
func ParseSettings(pairs iter.Seq2[string, string]) (Settings, error) {
	var s Settings
	seen := map[string]bool{}
	for name, value := range pairs {
		err := errors.New("given twice; keep one")
		if !seen[name] {
			err = s.set(name, strings.TrimSpace(value))
		}
		if err != nil {
			return Settings{}, &SettingError{name, err}
		}
		seen[name] = true
	}
	return s, nil
}

// settingNames are the words of source.api, in the order of docs/omnidesk.md.
func settingNames() []string {
	return []string{"archived", "view", "query", "status", "page", "paging", "history", "pace", "parallel", "people", "raw_mail", "types"}
}

var viewName = regexp.MustCompile(`^[0-9a-zA-Z_-]+$`) // omnidesk-v2 section 2

func (s *Settings) set(name, value string) (err error) {
	switch name {
	case "archived":
		if value != "no" && value != "false" {
			s.Archived = value
		}
	case "view":
		if value != "" && !viewName.MatchString(value) {
			return fmt.Errorf("%q is not the name of a view: letters, digits, - and _", value)
		}
		s.View = value
	case "query":
		s.Query = value
	case "status":
		s.Status = value
	case "history":
		s.History = value
	case "page":
		s.Page, err = wholeNumber(value, maxPage)
	case "parallel":
		s.Parallel, err = wholeNumber(value, maxParallel)
	case "pace":
		s.Pace, err = strconv.ParseFloat(value, 64)
		if err != nil || !(s.Pace >= 0.001 && s.Pace <= maxPace) {
			return fmt.Errorf("%q is not a number of requests a second, 0.001 to %g", value, maxPace)
		}
	case "paging":
		if value != PagingOffset && value != PagingPage {
			return fmt.Errorf("%q: it is offset (itemStart counts rows) or page (it counts pages)", value)
		}
		s.Paging = value
	case "people":
		var people bool
		people, err = yesNo(value)
		s.NoPeople = !people
	case "raw_mail":
		s.RawMail, err = yesNo(value)
	case "types":
		s.Types = nil
		for t := range strings.SplitSeq(value, ",") {
			if t = strings.TrimSpace(t); t != "" {
				s.Types = append(s.Types, t)
			}
		}
	default:
		return unknownSetting(name)
	}
	return err
}

func wholeNumber(value string, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("%q is not a whole number from 1 to %d", value, most)
	}
	return n, nil
}

func yesNo(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "yes", "true":
		return true, nil
	case "no", "false":
		return false, nil
	}
	return false, fmt.Errorf("%q: it is yes or no", value)
}

func unknownSetting(name string) error {
	names := settingNames()
	near, least := "", max(len(name)/3, 1)+1
	for _, n := range names {
		if d := levenshtein.ComputeDistance(name, n); len(name) < 40 && d < least {
			near, least = n, d
		}
	}
	if near != "" {
		near = "did you mean " + near + "? "
	}
	return fmt.Errorf("there is no such setting; %sknown: %s", near, strings.Join(names, ", "))
}

func (s Settings) page() int {
	if s.Page <= 0 {
		return defaultPage
	}
	return min(s.Page, maxPage)
}

func (s Settings) pace() float64 {
	if !(s.Pace > 0) {
		return defaultPace
	}
	return min(s.Pace, maxPace)
}

func (s Settings) parallel() int {
	if s.Parallel <= 0 {
		return defaultParallel
	}
	return min(s.Parallel, maxParallel)
}

// known tells whether entries of a timeline with this type are understood (omnidesk-v2 section 2).
func (s Settings) known(kind string) bool {
	return kind == "event" || kind == "note" || slices.Contains(s.Types, kind)
}
