//go:build !race

package main

// underRace is whether the race detector watches this process; it does not watch a child.
const underRace = false
