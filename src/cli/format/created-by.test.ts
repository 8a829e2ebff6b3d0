import { expect, test } from "bun:test";
import { createdByText } from "./created-by.ts";

test("createdByText() shows the line of the Dockerfile, whichever builder wrote the history", () => {
  expect(createdByText("/bin/sh -c #(nop)  ENV A=1")).toBe("ENV A=1");
  expect(createdByText("/bin/sh -c apt-get update")).toBe("RUN apt-get update");
  expect(createdByText("RUN /bin/sh -c echo hi # buildkit")).toBe("RUN echo hi");
  expect(createdByText("COPY a /a # buildkit")).toBe("COPY a /a");
  expect(createdByText("RUN a &&\t\n b")).toBe("RUN a && b");
  expect(createdByText("")).toBe("<missing>");
});
