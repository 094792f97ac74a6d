package main

import (
	"fmt"
	"os"
	"strings"
)

// credentials are what Gorgias asks for: a user's e-mail with an API key, or a token. They come from the environment or from a
// file, never from a flag, which a process list would show.
type credentials struct{ user, key, token string }

func readCredentials(lookup func(string) (string, bool)) (credentials, error) {
	var c credentials
	for name, to := range map[string]*string{"DESKFERRY_GORGIAS_USER": &c.user, "DESKFERRY_GORGIAS_KEY": &c.key, "DESKFERRY_GORGIAS_TOKEN": &c.token} {
		value, err := secret(lookup, name)
		if err != nil {
			return credentials{}, err
		}
		*to = value
	}
	switch {
	case c.token != "" && (c.user != "" || c.key != ""):
		return credentials{}, usagef("both a token and a key are set; unset DESKFERRY_GORGIAS_TOKEN or DESKFERRY_GORGIAS_USER and _KEY")
	case c.token == "" && (c.user == "" || c.key == ""):
		return credentials{}, usagef("no credentials: set DESKFERRY_GORGIAS_USER and DESKFERRY_GORGIAS_KEY, or DESKFERRY_GORGIAS_TOKEN\n" +
			"hint: the key is in Gorgias under Settings, REST API; against the sandbox any words will do")
	}
	return c, nil
}

// secret reads NAME, or the file that NAME_FILE names.
func secret(lookup func(string) (string, bool), name string) (string, error) {
	value, ok := lookup(name)
	file, hasFile := lookup(name + "_FILE")
	switch {
	case ok && value != "" && hasFile && file != "":
		return "", usagef("%s and %s_FILE are both set; unset one", name, name)
	case !hasFile || file == "":
		return strings.TrimSpace(value), nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading %s_FILE: %w", name, err)
	}
	if value = strings.TrimSpace(string(b)); value == "" {
		return "", fmt.Errorf("reading %s_FILE: %s is empty", name, file)
	}
	return value, nil
}
