//go:build race

package browsertest

// underRace is whether the race detector watches this process; it does not watch a browser or a program it starts.
const underRace = true
