// bob sets his status, subscribes to alice, asks for her, and prints what happens to either, until Ctrl-C.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"os"
)

//go:generate go tool genqlient

func main() {
	server := cmp.Or(os.Getenv("USERSTATUS_URL"), "http://127.0.0.1:8080")
	if err := run(context.Background(), server); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, server string) error {
	token, err := tokenOf(ctx, server, "bob")
	if err != nil {
		return err
	}
	calls, socket := connect(server, token)

	set, err := SetSelfStatus(ctx, calls, "by genqlient")
	if err != nil {
		return err
	}
	fmt.Printf("set %+v\n", set.SetSelfStatus)

	alice := []string{"alice"}
	subscribed, err := SubscribeUserStatus(ctx, calls, alice)
	if err != nil {
		return err
	}
	fmt.Printf("failed %+v\n", subscribed.SubscribeUserStatus.FailureUserList)

	found, err := GetUserStatus(ctx, calls, alice)
	if err != nil {
		return err
	}
	fmt.Printf("found %+v\n", found.UserStatus.SuccessUserList)

	lost, err := socket.Start(ctx) // ONLINE from here on
	if err != nil {
		return err
	}
	defer socket.Close()
	updates, _, err := UserStatusUpdated(ctx, socket)
	if err != nil {
		return err
	}
	return listen(updates, lost)
}

// listen ends with the connection: genqlient doesn't reconnect, so a program that
// is to go on connects anew, after a wait.
func listen(updates <-chan UserStatusUpdatedWsResponse, lost <-chan error) error {
	for {
		select {
		case update, open := <-updates:
			if !open || update.Errors != nil {
				return fmt.Errorf("the stream ended: %v", update.Errors)
			}
			fmt.Printf("told %+v\n", update.Data.UserStatusUpdated)
		case err := <-lost:
			return fmt.Errorf("the connection was lost: %w", err)
		}
	}
}
