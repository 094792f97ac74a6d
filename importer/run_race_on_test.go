//go:build race

package importer_test

// raceOn tells that SQLite runs ten times slower: fewer crashes are tried.
const raceOn = true
