// Package deploy tests the files beside it, and the Dockerfile, as they are
// committed: real proxies before the real program, the program as the image and
// the release have it, and systemd's unit by systemd's own checks. On Linux only.
package deploy
