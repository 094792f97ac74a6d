package omnidesk

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// guard is the only way out: GET of the few paths that reading needs, on the one host, and nothing else. GET /notification in
// particular would mark everything read (omnidesk-v2 section 2). It puts the key into the header, so that no other request can
// carry it.
type guard struct {
	next http.RoundTripper
	base *url.URL
	key  Secret
}

// reading are the paths below the base that may be read; ids are those [safeID] takes.
var reading = regexp.MustCompile(`^/(ticket|ticket/[0-9A-Za-z_-]{1,64}|user|customer|email/downloadMail/[0-9A-Za-z_-]{1,64})$`)

// RoundTrip implements [http.RoundTripper].
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	place, inside := strings.CutPrefix(req.URL.Path, g.base.Path)
	if req.Method != http.MethodGet || req.Body != nil && req.Body != http.NoBody || req.URL.Scheme != g.base.Scheme ||
		req.URL.Host != g.base.Host || !inside || !reading.MatchString(place) || req.URL.RawPath != "" {
		return nil, fmt.Errorf("%s %s is not a request that reads tickets: not sent", req.Method, req.URL.Path)
	}
	req = req.Clone(req.Context())
	req.Header["apiKey"] = []string{g.key.reveal()} // spelled as documented: Set would write Apikey
	return g.next.RoundTrip(req)
}

var idForm = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// safeID tells whether an id may stand in a path and in a file's name.
func safeID(id string) bool { return idForm.MatchString(id) }
