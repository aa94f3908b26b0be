package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"time"
)

var (
	valueMissing = regexp.MustCompile(`(?s)^(--[a-z-]+): expected .* value but got`)
	wrongKind    = regexp.MustCompile(`(?s)^(--[a-z-]+): expected (duration|a valid 64 bit int) but got`)
	secretJoined = regexp.MustCompile(`^unknown flag (--(jwt-secret|jwt-previous-secret|webhook-secret))[A-Za-z0-9-]`)
	unknownFlag  = regexp.MustCompile(`(?s)^unknown flag (--?[A-Za-z0-9-]*).*?(, did you mean .*)?$`)
)

var wanted = map[string]string{"duration": wantedDuration, "a valid 64 bit int": wantedNumber + " that 64 bits hold"}

// discreet leaves out of kong's errors what may be a secret: a value that begins
// with a dash, or that was joined to its flag, or torn apart by its blanks.
func discreet(err error) error {
	text := err.Error()
	if flag := valueMissing.FindStringSubmatch(text); flag != nil {
		return fmt.Errorf("%s has no value; one that begins with a dash is written %s=VALUE", flag[1], flag[1])
	}
	if flag := wrongKind.FindStringSubmatch(text); flag != nil {
		return fmt.Errorf("%s is to be %s", flag[1], wanted[flag[2]])
	}
	if flag := secretJoined.FindStringSubmatch(text); flag != nil {
		return fmt.Errorf("unknown flag: a value comes after a blank or =, as in %s=VALUE", flag[1])
	}
	if flag := unknownFlag.FindStringSubmatch(text); flag != nil {
		return fmt.Errorf("unknown flag %s%s; --help lists all", flag[1], flag[2])
	}
	if strings.HasPrefix(text, "unexpected ") {
		return errors.New("unexpected argument: the commands are serve, token, backup, health, completion and version, and a value with blanks needs quotes")
	}
	if strings.HasPrefix(text, "bool value ") { // the one error in which kong names no flag
		return fmt.Errorf("--no-introspection: %s", text)
	}
	if text == `expected "<shell>"` {
		return errors.New("<shell> is missing: bash, zsh and fish go")
	}
	text = strings.Replace(text, `must be one of "","admin" but`, `is to be "admin" or left out, but`, 1)
	return errors.New(strings.ReplaceAll(text, "\n", " "))
}

// brief is a duration as people write it: 24h, not 24h0m0s.
func brief(d time.Duration) string {
	text := d.String()
	for _, end := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, end) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// unbound says of an address that can't be listened on what to do about it.
func unbound(err error) error {
	advice := ""
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		advice = ": end the program that listens there, or choose another port"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		advice = ": it is none of this machine's; an empty host is all of them"
	case errors.Is(err, syscall.EACCES):
		advice = ": ports below 1024 are not for everybody; choose a higher one"
	}
	return fmt.Errorf("%w%s", err, advice)
}
