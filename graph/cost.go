package graph

import "userstatus/presence"

const (
	// listedUsers is the length that lists are counted with whose length is only
	// known once they are read: as many as one may watch, unless the operator
	// said otherwise.
	listedUsers = 1_000
	// listedIDs is the same for lists of mere IDs.
	listedIDs = 100
	// listedNodes is the same for nodes.
	listedNodes = 20
)

// costs says what fields cost that have lists: each user in them what is asked
// of one. All others cost 1 and what is inside.
func costs() ComplexityRoot {
	var c ComplexityRoot
	c.Query.UserStatus = users(presence.MaxQueried)
	c.Query.SubscribedUserStatus = func(each int) int { return 1 + listedUsers*each }
	c.Subscription.UserStatusUpdated = func(each int, _ bool) int { return 1 + listedUsers*each }
	c.Self.BlockedUserIDs = func(int) int { return listedIDs }

	paged := func(each, first int, _ *string) int { return 1 + min(first, presence.MaxPage)*each }
	c.UserDetails.Subscriptions = paged
	c.UserDetails.Subscribers = paged
	c.UserDetails.Friends = paged
	c.UserDetails.BlockedUsers = paged
	c.UserDetails.History = paged
	c.Query.Users = func(each int, _ string, first int, after *string) int { return paged(each, first, after) }
	c.Query.WebhooksSetAside = paged
	c.ServiceFigures.Samples = func(each int) int { return 1 + presence.SamplesKept*each }
	c.ServiceFigures.Nodes = func(each int) int { return 1 + listedNodes*each }

	listed := users(presence.MaxListed)
	c.Mutation.SubscribeUserStatus = listed
	c.Mutation.UnsubscribeUserStatus = listed
	c.Mutation.BlockUsers = listed
	c.Mutation.UnblockUsers = listed
	c.Mutation.RegisterUsers = listed
	c.Mutation.RemoveUsers = listed
	c.Mutation.AddFriends = func(each int, _ string, ids []string) int { return listed(each, ids) }
	c.Mutation.RemoveFriends = c.Mutation.AddFriends
	return c
}

// users is the cost of a list of the users named. More than limit are refused
// by the domain, in its own words.
func users(limit int) func(each int, ids []string) int {
	return func(each int, ids []string) int { return 1 + min(len(ids), limit)*each }
}
