package main

import (
	"errors"
	"fmt"
	"net/url"

	"userstatus/webhook"
)

// takeWebhooks refuses half of a set-up: nothing is sent that isn't signed.
func (c *config) takeWebhooks(address *string, secrets []string) error {
	switch {
	case address == nil && len(secrets) > 0:
		return errors.New("--webhook-secret signs nothing without --webhook-url")
	case address == nil:
		return nil
	case !isWebAddress(*address):
		return errors.New("--webhook-url is not an http or https URL")
	case len(secrets) == 0:
		return errors.New("--webhook-url needs --webhook-secret, by which the receiver knows who sends: whsec_ and the base64 of 24 to 64 random bytes")
	}
	for _, text := range secrets {
		secret, err := webhook.ParseSecret(text)
		if err != nil {
			return fmt.Errorf("--webhook-secret: %w", err)
		}
		c.WebhookSecrets = append(c.WebhookSecrets, secret)
	}
	var err error
	if c.WebhookURL, err = url.Parse(*address); err != nil {
		return errors.New("--webhook-url is not an http or https URL")
	}
	c.WebhookURL.Fragment = ""
	return nil
}
