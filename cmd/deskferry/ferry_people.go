package main

import (
	"context"

	"github.com/deskferry/deskferry/importer"
)

// match tells the account's word on agents and customers, once its people are loaded.
func (f *ferry) match(ctx context.Context, s *importer.Summary) error {
	if !f.customers {
		return nil // of a retry: nothing was mapped
	}
	people := f.client.Encoder.People
	var known int64
	for c, err := range f.plans.Customers(ctx) {
		if err != nil {
			return err
		}
		if _, ok := people.Customer(c.Email); ok {
			known++
		}
	}
	s.Match(func(email string) bool { _, ok := people.User(email); return ok }, known)
	return nil
}
