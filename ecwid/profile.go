package ecwid

import (
	"context"
	"net/http"
	"slices"
)

// customerGroupsFeature is the feature of a plan with customer groups.
const customerGroupsFeature = "CUSTOMER_GROUPS"

// Profile is the part of a store's profile that concerns customer groups. A field that the response does not have
// is unknown.
type Profile struct {
	StoreName string
	// Suspended reports whether the store is known to be suspended.
	Suspended bool
	// Features are the features of the store's plan; nil: unknown.
	Features []string
}

// LacksCustomerGroups reports whether the store's plan is known to have no customer groups.
func (p Profile) LacksCustomerGroups() bool {
	return p.Features != nil && !slices.Contains(p.Features, customerGroupsFeature)
}

// Profile returns the store's profile. Its errors are those of [Client.UpdateCustomerGroup]; a 404 is about the store.
//
// Ecwid: https://docs.ecwid.com/api-reference/rest-api/store-profile/get-store-profile
// (a scope that every token has).
func (c *Client) Profile(ctx context.Context) (Profile, error) {
	var response struct {
		Settings struct {
			StoreName string `json:"storeName"`
		} `json:"settings"`
		Account struct {
			Suspended         bool     `json:"suspended"`
			AvailableFeatures []string `json:"availableFeatures"`
		} `json:"account"`
	}
	if err := c.do(ctx, http.MethodGet, "/profile", nil, &response, maxBody); err != nil {
		return Profile{}, err
	}
	return Profile{
		StoreName: c.message(response.Settings.StoreName),
		Suspended: response.Account.Suspended,
		Features:  response.Account.AvailableFeatures,
	}, nil
}
