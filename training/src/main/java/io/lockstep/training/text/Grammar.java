package io.lockstep.training.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rules that texts are made from. A file has a line {@code [name]} for each rule, its alternatives
 * below, one a line, and comments that begin with #. In an alternative,
 *
 * <ul>
 *   <li>{@code (a|b|)} is one of the texts between the bars, at random,
 *   <li>{@code {rule}} is one of the rule's alternatives,
 *   <li>{@code {x:=rule}} is nothing, but from here on {@code {x}} is what the rule gave, which is
 *       unlike every other variable's value,
 *   <li>{@code {x.he}} is what the alternative that x came from says after {@code ; he=},
 *   <li>{@code $x} in a rule's name is the value of x, and {@code \n} a new line.
 * </ul>
 */
public final class Grammar {

  private final Map<String, List<String>> rules;

  private Grammar(Map<String, List<String>> rules) {
    this.rules = rules;
  }

  public static Grammar parse(String text) {
    Map<String, List<String>> rules = new LinkedHashMap<>();
    List<String> alternatives = new ArrayList<>();
    for (String line : text.lines().map(String::strip).toList()) {
      if (line.startsWith("[") && line.endsWith("]")) {
        alternatives = new ArrayList<>();
        if (rules.put(line.substring(1, line.length() - 1), alternatives) != null) {
          throw new IllegalArgumentException("the rule " + line + " is there twice");
        }
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        alternatives.add(line);
      }
    }
    return new Grammar(rules);
  }

  Set<String> ruleNames() {
    return rules.keySet();
  }

  /** How many alternatives all rules have. */
  int alternativeCount() {
    return rules.values().stream().mapToInt(List::size).sum();
  }

  /** A text of this rule with variables of its own. */
  public String expand(String rule, Choices choices) {
    return new Expansion(choices).rule(rule);
  }

  /** Says which of several possibilities is taken. */
  @FunctionalInterface
  public interface Choices {
    /** A number from 0 to {@code bound - 1}. */
    int next(int bound);
  }

  /** One text in the making. */
  private final class Expansion {

    private static final int ATTEMPTS = 100;

    private final Choices choices;
    private final Map<String, String> variables = new HashMap<>(); // attributes as name.attribute

    Expansion(Choices choices) {
      this.choices = choices;
    }

    String rule(String name) {
      return text(alternative(name));
    }

    private String alternative(String name) {
      List<String> alternatives = rules.get(name);
      if (alternatives == null) {
        throw new IllegalArgumentException("there is no rule or variable '" + name + "'");
      }
      return alternatives.get(choices.next(alternatives.size()));
    }

    private String text(String pattern) {
      StringBuilder result = new StringBuilder();
      int at = 0;
      while (at < pattern.length()) {
        char c = pattern.charAt(at);
        switch (c) {
          case '{' -> {
            int end = pattern.indexOf('}', at);
            result.append(slot(pattern.substring(at + 1, end)));
            at = end;
          }
          case '(' -> {
            List<String> options = options(pattern, at);
            result.append(text(options.get(choices.next(options.size()))));
            at += String.join("|", options).length() + 1;
          }
          case '\\' -> {
            result.append('\n');
            at++;
          }
          default -> result.append(c);
        }
        at++;
      }
      return result.toString();
    }

    /** What stands between the bars of the parenthesis at {@code open}, inner ones left as is. */
    private List<String> options(String pattern, int open) {
      List<String> options = new ArrayList<>();
      int depth = 0;
      int from = open + 1;
      for (int at = open; at < pattern.length(); at++) {
        char c = pattern.charAt(at);
        if (c == '(') {
          depth++;
        } else if (c == ')') {
          depth--;
        }
        if (depth == 0 || (depth == 1 && c == '|')) {
          options.add(pattern.substring(from, at));
          from = at + 1;
        }
        if (depth == 0) {
          return options;
        }
      }
      throw new IllegalArgumentException("a parenthesis stays open in: " + pattern);
    }

    private String slot(String slot) {
      int binding = slot.indexOf(":=");
      if (binding >= 0) {
        bind(slot.substring(0, binding), resolved(slot.substring(binding + 2)));
        return "";
      }
      String name = resolved(slot);
      String value = variables.get(name);
      return value != null ? value : rule(name);
    }

    /** A name whose part from $ on is a variable. */
    private String resolved(String name) {
      int at = name.indexOf('$');
      return at < 0 ? name : name.substring(0, at) + slot(name.substring(at + 1));
    }

    private void bind(String variable, String rule) {
      variables.remove(variable);
      for (int i = 0; i < ATTEMPTS; i++) {
        String[] parts = alternative(rule).split("; ", -1);
        String value = text(parts[0]);
        if (variables.containsValue(value)) {
          continue;
        }
        variables.put(variable, value);
        for (int part = 1; part < parts.length; part++) {
          int equals = parts[part].indexOf('=');
          String attribute = parts[part].substring(0, equals);
          variables.put(variable + "." + attribute, text(parts[part].substring(equals + 1)));
        }
        return;
      }
      throw new IllegalArgumentException("every text of '" + rule + "' is a variable already");
    }
  }
}
