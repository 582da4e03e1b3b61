import Connectivity
import Testing
