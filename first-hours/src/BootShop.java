package shop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The shop inside a Spring Boot application. */
@SpringBootApplication
public class BootShop {
  public static void main(String[] arguments) throws Exception {
    try (var context = SpringApplication.run(BootShop.class, arguments)) {
      Shop.main(arguments);
    }
  }
}
