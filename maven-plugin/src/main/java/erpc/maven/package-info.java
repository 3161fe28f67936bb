/** The Maven plugin: generates Java from {@code .proto} files in a build. */
@NullMarked
package erpc.maven;

import org.jspecify.annotations.NullMarked;
