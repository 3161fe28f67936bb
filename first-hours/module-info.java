module shop {
  requires erpc;
  requires tools.jackson.databind;

  opens shop to tools.jackson.databind;
}
