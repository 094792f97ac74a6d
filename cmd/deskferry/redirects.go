package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/ledger"
)

func redirectsCommand(std streams, file cli.Flag) *cli.Command {
	return &cli.Command{
		Name:  "redirects",
		Usage: "a map for nginx or Apache that leads old ticket links to Gorgias",
		Flags: []cli.Flag{
			file,
			stringFlag("as", "whose map to write: `SERVER`, nginx or apache"),
			stringFlag("pattern", "the old helpdesk's `ADDRESS` of a ticket, with {id} in its path, as https://old.example/tickets/{id}"),
			stringFlag("source", "the tickets of this `NAME` (source.name of the mapping), where the ledger has several"),
		},
		Action: func(c *cli.Context) error { return redirects(c, std) },
	}
}

// oldLink is an address with {id} in its path.
type oldLink struct {
	origin        string // https://old.example
	before, after string // the path around {id}, not encoded
}

const idMark = "{id}"

func parsePattern(s string) (oldLink, error) {
	wrong := func(why string) (oldLink, error) {
		return oldLink{}, usagef("--pattern %q: %s\nhint: --pattern 'https://old.example/tickets/{id}'", s, why)
	}
	u, err := url.Parse(s)
	switch {
	case s == "":
		return wrong("it is missing: the old helpdesk's address of a ticket")
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return wrong("it is no address of a page")
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return wrong("the id must stand in the path; servers choose by it alone")
	case strings.Count(u.Path, idMark) != 1:
		return wrong("its path holds {id} once")
	case strings.ContainsFunc(u.Path, unicode.IsControl):
		return wrong("it holds a control character")
	}
	before, after, _ := strings.Cut(u.Path, idMark)
	return oldLink{u.Scheme + "://" + u.Host, before, after}, nil
}

// address is the old address of a ticket; "" for the zero link.
func (o oldLink) address(id string) string {
	if o.origin == "" {
		return ""
	}
	return o.origin + (&url.URL{Path: o.before}).EscapedPath() + url.PathEscape(id) + (&url.URL{Path: o.after}).EscapedPath()
}

// path is the path of a ticket as a server sees it, decoded. False: a server would see another one, or none.
func (o oldLink) path(id string) (string, bool) {
	p := o.before + id + o.after
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	plain := id != "" && !strings.ContainsFunc(id, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar })
	return p, plain && p == clean
}

func redirects(c *cli.Context, std streams) error {
	link, err := parsePattern(c.String("pattern"))
	if err != nil {
		return err
	}
	l, account, err := readLedger(c)
	if err != nil {
		return err
	}
	defer l.Close()
	source, err := onlySource(c, l)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(std.out)
	m := &redirectMap{Writer: out, link: link}
	var line func(id, to string)
	switch c.String("as") {
	case "nginx":
		m.nginxHead()
		line = m.nginx
	case "apache":
		m.apacheHead()
		line = m.apache
	default:
		return usagef("--as %q: it is nginx or apache", c.String("as"))
	}
	err = l.EachRedirect(c.Context, source, func(id string, target importer.TicketID) error {
		line(id, gorgias.TicketURL(account, target))
		return nil
	})
	if c.String("as") == "nginx" {
		m.nginxEnd()
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return err
	}
	return m.tell(std.err)
}

// onlySource is the source that --source names, or the only one there is.
func onlySource(c *cli.Context, l *ledger.Ledger) (string, error) {
	names, err := l.Sources(c.Context)
	if err != nil {
		return "", err
	}
	wanted := c.String("source")
	for _, n := range names {
		if n == wanted || wanted == "" && len(names) == 1 {
			return n, nil
		}
	}
	switch {
	case len(names) == 0:
		return "", errors.New("the ledger has no tickets yet; start with deskferry import")
	case wanted == "":
		return "", usagef("the ledger has several sources; name one with --source: %s", strings.Join(names, ", "))
	}
	return "", usagef("--source %q: the ledger has %s", wanted, strings.Join(names, ", "))
}

// redirectMap is a map in the making.
type redirectMap struct {
	*bufio.Writer
	link  oldLink
	left  int
	first string // the first id that was left out

	path, to string // the line of nginx's map that waits for its successor; "" for none
	same     bool   // it is the same as the one before but for case
}

func (m *redirectMap) leave(id string) {
	m.left++
	m.first = cmp.Or(m.first, fmt.Sprintf("%q", id))
}

// tell says what has no place in the map.
func (m *redirectMap) tell(out io.Writer) error {
	if m.left == 0 {
		return nil
	}
	fmt.Fprintf(out, "deskferry: %s left out, with ids that such a map cannot hold: %s\n", count(int64(m.left), "ticket"), m.first)
	return errIncomplete
}

func (m *redirectMap) nginxHead() {
	fmt.Fprintf(m, `# Old ticket links of %s. In the http block: include this file, and
# map_hash_max_size and map_hash_bucket_size as nginx asks for them. In the server block:
#     if ($deskferry_ticket) { return 301 $deskferry_ticket; }
map $uri $deskferry_ticket {
    default "";
`, m.link.origin)
}

// nginx takes a line. nginx looks strings up without regard to case, before any pattern: ids that differ by case alone, which
// follow each other, all become patterns.
func (m *redirectMap) nginx(id, to string) {
	p, ok := m.link.path(id)
	if !ok {
		m.leave(id)
		return
	}
	same := m.path != "" && asciiLower(p) == asciiLower(m.path)
	m.nginxLine(same)
	m.path, m.to, m.same = p, to, same
}

// nginxLine writes the line that waits for its successor.
func (m *redirectMap) nginxLine(same bool) {
	if m.path == "" {
		return
	}
	key := m.path
	if same || m.same {
		key = "~^" + quotePattern(m.path) + "$"
	}
	fmt.Fprintf(m, "    %s %s;\n", nginxQuote(key), nginxQuote(m.to))
}

func (m *redirectMap) nginxEnd() {
	m.nginxLine(false)
	fmt.Fprintln(m, "}")
}

// nginxQuote writes a parameter of nginx's configuration.
func nginxQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// quotePattern makes a PCRE that is s itself.
func quotePattern(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`\^$.|?*+()[]{}-#`, r) || r == ' ' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func (m *redirectMap) apacheHead() {
	fmt.Fprintf(m, `# Old ticket links of %s. In the server's configuration, this file's place in it:
#     RewriteEngine On
#     RewriteMap deskferry "txt:/etc/apache2/deskferry.map"
#     RewriteCond "${deskferry:$1}" !=""
#     RewriteRule "^%s([^/]+)%s$" "${deskferry:$1}" [R=301,L,QSD]
`, m.link.origin, quotePattern(m.link.before), quotePattern(m.link.after))
}

// apache writes a line: id and address. Text maps are cut at white space and have no escapes, and the rule above ends an
// id at a slash.
func (m *redirectMap) apache(id, to string) {
	_, ok := m.link.path(id)
	if !ok || strings.HasPrefix(id, "#") || strings.ContainsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || r == '/' }) {
		m.leave(id)
		return
	}
	fmt.Fprintf(m, "%s %s\n", id, to)
}
