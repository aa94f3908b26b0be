package main

import "runtime/debug"

// stamped is the version of a release, set by -ldflags "-X main.stamped=1.2.3".
var stamped string

// version names what was built: the stamp, or else the module's version and the
// commit, as far as the build knew them; never empty.
func version() string {
	if stamped != "" {
		return stamped
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if commit == "" {
		return "devel"
	}
	if settings["vcs.modified"] == "true" {
		return "devel-" + commit + "+dirty"
	}
	return "devel-" + commit
}
