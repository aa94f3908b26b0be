package graph_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// deepIntrospection is what GraphiQL asks with everything switched on, as
// graphql-js 16 makes it.
const deepIntrospection = `query IntrospectionQuery {
  __schema {
    description
    queryType { name } mutationType { name } subscriptionType { name }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}`

func TestIntrospection(t *testing.T) {
	s := start(t, func(s *settings) { s.Introspection = true })
	got := s.post(deepIntrospection, nil)
	if len(got.Errors) > 0 || !strings.Contains(got.body, "UserStatusType") {
		t.Errorf("%.500s", got.body)
	}
}

// TestGenerated makes the generated code anew, in a copy of what it is made of.
func TestGenerated(t *testing.T) {
	if testing.Short() && os.Getenv("CI") == "" {
		t.Skip("makes the code anew")
	}
	root, copied := "..", t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "gqlgen.yml", "schema.graphqls"} {
		copyFile(t, filepath.Join(root, name), filepath.Join(copied, name))
	}
	for _, folder := range []string{"admission", "presence", "graph", "graph/transport"} {
		copyGo(t, filepath.Join(root, folder), filepath.Join(copied, folder))
	}
	generate := exec.CommandContext(t.Context(), "go", "tool", "gqlgen", "generate")
	generate.Dir = copied
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	for _, name := range []string{"graph/generated.go", "graph/schema.resolvers.go"} {
		if !bytes.Equal(read(t, filepath.Join(root, name)), read(t, filepath.Join(copied, name))) {
			t.Errorf("%s is out of date: run go tool gqlgen generate", name)
		}
	}
}

func copyGo(t *testing.T, from, to string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(from, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			copyFile(t, name, filepath.Join(to, filepath.Base(name)))
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, read(t, from), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
