package gorgias

import (
	"net/http"
	"strings"
)

// route is a request that may be made.
type route uint8

const (
	read route = iota // GET below /api
	createTicket
	createMessage
	createCustomer
	updateTicket
	upload
	deleteTicket
	deleteMessage
)

// hasJSON tells whether a JSON body belongs to the route.
func (r route) hasJSON() bool {
	return r == createTicket || r == createMessage || r == createCustomer || r == updateTicket
}

// routeOf finds the route of a method and a path; false for all that may not be asked.
func routeOf(method, path string) (route, bool) {
	pattern, ok := patternOf(path)
	if !ok {
		return 0, false
	}
	if method == http.MethodGet {
		return read, true
	}
	switch method + " " + pattern {
	case "POST tickets":
		return createTicket, true
	case "POST tickets/{id}/messages":
		return createMessage, true
	case "POST customers":
		return createCustomer, true
	case "POST upload":
		return upload, true
	case "PUT tickets/{id}":
		return updateTicket, true
	case "DELETE tickets/{id}":
		return deleteTicket, true
	case "DELETE tickets/{id}/messages/{id}":
		return deleteMessage, true
	}
	return 0, false
}

// patternOf writes the path below /api/ with {id} for numbers. A segment is a number without leading zero (0 itself
// is the caller in users/0) or a word of small letters and dashes; anything else, an empty segment included, is refused.
func patternOf(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "/api/")
	if !ok || len(rest) > 200 {
		return "", false
	}
	segments := strings.Split(rest, "/")
	for i, s := range segments {
		switch {
		case isID(s):
			segments[i] = "{id}"
		case !isWord(s):
			return "", false
		}
	}
	return strings.Join(segments, "/"), true
}

func isID(s string) bool {
	if s == "" || len(s) > 19 || s[0] == '0' && len(s) > 1 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

func isWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}
